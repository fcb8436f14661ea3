//! What a file is and what its columns mean: sniffing, guards, headers, presets, profiles.

use peyvand_exchange::headers::{MIN_SCORE, Target, match_headers, normalise, require};
use peyvand_exchange::profile::{Column, Guess};
use peyvand_exchange::{
    Cell, Encoding, Format, guard_formula, presets, sniff, starts_formula, unguard_formula,
};
use proptest::prelude::*;

const PERSIAN: &str =
    "نام،نام خانوادگي,شماره تماس,شهر\nعلي,رضايي,09121234567,تهران\nسارا,احمدي,09351234567,اصفهان\n";

fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
    units
        .flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() })
        .collect()
}

#[test]
fn encodings_are_told_apart() {
    let table = |encoding: &'static encoding_rs::Encoding, text: &str| encoding.encode(text).0.into_owned();
    let french =
        "prénom;société;ville\nRené;Électricité de Besançon;Orléans\nÉlise;Café Noël;Saint-Étienne\n";
    let german = "Straße;Größe\nMüllerstraße;groß\nÄußere Königstraße;klein\n";
    let additions = "نام,شغل\nپژمان,گچ کار\nژاله,چاپگر\n";
    let cases: [(Vec<u8>, Encoding); 11] = [
        (PERSIAN.as_bytes().to_vec(), Encoding::Utf8),
        (
            [b"\xEF\xBB\xBF".as_slice(), PERSIAN.as_bytes()].concat(),
            Encoding::Utf8,
        ),
        (utf16(PERSIAN, false, true), Encoding::Utf16Le),
        (utf16(PERSIAN, true, true), Encoding::Utf16Be),
        (utf16(PERSIAN, false, false), Encoding::Utf16Le),
        (utf16("name,city\nSara,Tehran\n", true, false), Encoding::Utf16Be),
        (table(encoding_rs::WINDOWS_1256, PERSIAN), Encoding::Windows1256),
        (
            table(encoding_rs::WINDOWS_1256, &additions.replace('ی', "ي")),
            Encoding::Windows1256,
        ),
        (
            table(encoding_rs::WINDOWS_1256, "name,city\nAli,تهران\nSara,شيراز\n"),
            Encoding::Windows1256,
        ),
        (table(encoding_rs::WINDOWS_1252, french), Encoding::Windows1252),
        (table(encoding_rs::WINDOWS_1252, german), Encoding::Windows1252),
    ];
    for (bytes, encoding) in cases {
        let found = sniff(&bytes).expect("a text file");
        assert_eq!(found.encoding, encoding, "{:?}", String::from_utf8_lossy(&bytes));
        assert_eq!(found.format, Format::Csv);
    }
    // A damaged byte among many whole characters is told of where it stands; a file of such bytes is another encoding.
    let mut damaged = PERSIAN.as_bytes().to_vec();
    damaged.insert(PERSIAN.find('\n').expect("lines") + 1, 0xD8);
    assert_eq!(sniff(&damaged).expect("text").encoding, Encoding::Utf8);
    // a head that ends inside a character is still UTF-8
    let cut = &PERSIAN.as_bytes()[..PERSIAN.len() - 2];
    assert_eq!(
        sniff(&cut[..cut.len() - usize::from(cut[cut.len() - 1] < 0xC0)])
            .expect("text")
            .encoding,
        Encoding::Utf8
    );
}

#[test]
fn delimiters_quotes_and_headers() {
    let cases: [(&str, u8, u8, bool); 8] = [
        ("a,b\n1,2\n", b',', b'"', true),
        ("name;price\nx;1,5\ny;2,5\n", b';', b'"', true),
        ("a\tb, c\n1\t2, 3\n", b'\t', b'"', true),
        ("a|b\n1|2\n", b'|', b'"', true),
        ("\"a;x\",\"b;y\"\n\"1;2\",\"3\"\n", b',', b'"', true),
        ("'a','b','c'\n'x, y','2','3'\n'z','2','3'\n", b',', b'\'', true),
        ("1,sara@example.com\n2,ali@example.com\n", b',', b'"', false),
        ("نام;سن\nسارا;۳۰\n", b';', b'"', true),
    ];
    for (text, delimiter, quote, header) in cases {
        let found = sniff(text.as_bytes()).expect("CSV");
        assert_eq!(
            (found.delimiter, found.quote, found.has_header),
            (delimiter, quote, header),
            "{text}"
        );
    }
    assert!(sniff(b"a,b\n1,2\n3,4\n").expect("CSV").confidence > 0.7);
    assert!(sniff(b"just a line of prose").expect("CSV").confidence < 0.7);
}

#[test]
fn formats_are_told_apart() {
    let cases: [(&[u8], Format); 5] = [
        (b"PK\x03\x04rest", Format::Xlsx),
        (b"\xEF\xBB\xBFbegin:vcard\r\nVERSION:3.0\r\n", Format::Vcard),
        (b"{\"a\":1}\n{\"a\":2}\n", Format::Ndjson),
        (b"\n{\"a\": {\"b\": [1, 2", Format::Ndjson),
        (b"{x},y\n1,2\n", Format::Csv),
    ];
    for (head, format) in cases {
        assert_eq!(
            sniff(head).expect("known").format,
            format,
            "{:?}",
            String::from_utf8_lossy(head)
        );
    }
    let refused: [(&[u8], &str); 7] = [
        (b"\xD0\xCF\x11\xE0\xA1", "xls"),
        (b"%PDF-1.7", "pdf"),
        (b"\x1F\x8B\x08", "gzip"),
        (b"[ {\"a\":1} ]", "json-array"),
        (b"<html><table>", "html"),
        (b"<?xml version=\"1.0\"?>", "xml"),
        (b"\x89PNG\r\n", "png"),
    ];
    for (head, found) in refused {
        let error = sniff(head).expect_err(found);
        assert_eq!(
            (error.code(), error.fields()),
            ("file-unsupported-format", vec![("found", found.to_owned())])
        );
    }
    assert_eq!(sniff(b"").expect_err("empty").code(), "file-empty");
    assert_eq!(sniff(b"\xEF\xBB\xBF \n").expect_err("blank").code(), "file-empty");
}

fn target(key: &str, labels: &[&str], aliases: &[&str]) -> Target {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Target {
        key: key.to_owned(),
        labels: owned(labels),
        aliases: owned(aliases),
    }
}

#[test]
fn headers_find_their_fields_in_both_languages() {
    let targets = [
        target("name.given", &["نام", "First name"], &["Given name", "اسم"]),
        target(
            "name.family",
            &["نام خانوادگی", "Last name"],
            &["Surname", "فامیلی"],
        ),
        target("emails", &["رایانامه", "E-mail"], &["ایمیل", "Mail"]),
        target("phones", &["شمارهٔ تماس", "Phone"], &["موبایل", "تلفن"]),
        target("job_title", &["عنوان شغلی", "Job title"], &["سمت"]),
        target("company", &["شرکت", "Company"], &["سازمان"]),
    ];
    let propose = |headers: &[&str]| {
        let headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
        let first = match_headers(&headers, &targets);
        assert_eq!(first, match_headers(&headers, &targets));
        first
            .into_iter()
            .map(|p| (p.header, p.key, p.score))
            .collect::<Vec<_>>()
    };
    let exact = |header: usize, key: &str| (header, key.to_owned(), 1.0);
    // Arabic letters, half spaces, case, camel case and marks make no difference
    assert_eq!(
        propose(&["نام‌خانوادگي", "FIRST_NAME", "email", "jobTitle", "colour"]),
        [
            (0, "name.family".to_owned(), propose(&["نام‌خانوادگي"])[0].2),
            exact(1, "name.given"),
            exact(2, "emails"),
            exact(3, "job_title")
        ]
    );
    assert_eq!(
        propose(&["نام", "ايميل", "سازمان"]),
        [
            exact(0, "name.given"),
            (1, "emails".to_owned(), 0.95),
            (2, "company".to_owned(), 0.95)
        ]
    );
    // a field is given away once, to the better name, and a likeness is less sure than a name
    let found = propose(&["Compny", "Company", "Phone number"]);
    assert_eq!(found[0], exact(1, "company"));
    assert!(found.iter().all(|(header, ..)| *header != 0));
    // near misses of short names are other words
    assert!(match_headers(&["State".to_owned()], &[target("stage", &[], &[])]).is_empty());
    // hostile names are not compared letter by letter
    assert!(match_headers(&["x".repeat(1 << 20)], &targets).is_empty());
    let like = propose(&["Job titel"]);
    assert_eq!(like[0].1, "job_title");
    assert!(like[0].2 >= MIN_SCORE && like[0].2 < 0.9, "{like:?}");
    assert!(propose(&["", "xyzzy", "قد"]).is_empty());
    let headers = vec!["Name".to_owned()];
    assert!(require(&headers, &["NAME "]).is_ok());
    assert_eq!(
        require(&headers, &["sum"]).expect_err("missing").code(),
        "file-missing-column"
    );
    assert_eq!(normalise("E-mail 1 - Value"), "email 1 value");
}

/// Columns of a file and the fields they go to.
type Pairs = &'static [(&'static str, &'static str)];

#[test]
fn exports_of_other_programs_are_known() {
    let cases: [(&str, &str, &str, Pairs); 13] = [
        (
            "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Associated Company",
            "hubspot",
            "contact",
            &[("Email", "emails"), ("Contact owner", "owner")],
        ),
        (
            "Record ID,Company name,Company owner,Create Date,Phone Number,City,Country/Region,Industry",
            "hubspot",
            "company",
            &[("Company name", "name")],
        ),
        (
            "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount",
            "hubspot",
            "deal",
            &[("Close Date", "expected_close"), ("Amount", "amount")],
        ),
        (
            "Id,AccountId,LastName,FirstName,Salutation,MailingStreet,MailingCity,MailingCountry,Phone,MobilePhone,Email,Title,LeadSource,Birthdate,OwnerId",
            "salesforce",
            "contact",
            &[("LastName", "name.family"), ("Birthdate", "birth_date")],
        ),
        (
            "Id,Name,Type,ParentId,BillingStreet,BillingCity,Phone,Website,Industry,AnnualRevenue,OwnerId",
            "salesforce",
            "company",
            &[("AnnualRevenue", "revenue")],
        ),
        (
            "Id,AccountId,Name,StageName,Amount,Probability,CloseDate,LeadSource,IsClosed,IsWon,ForecastCategory,OwnerId",
            "salesforce",
            "deal",
            &[("StageName", "stage")],
        ),
        (
            "Person - Name,Person - Organization,Person - Email - Work,Person - Phone - Mobile,Person - Owner",
            "pipedrive",
            "contact",
            &[("Person - Phone - Mobile", "phones")],
        ),
        (
            "Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Stage,Deal - Expected close date",
            "pipedrive",
            "deal",
            &[("Deal - Value", "amount")],
        ),
        (
            "id,salutationName,firstName,lastName,accountName,emailAddress,phoneNumber,addressCity,assignedUserName",
            "espocrm",
            "contact",
            &[("emailAddress", "emails")],
        ),
        (
            "id,name,amount,amountCurrency,accountName,stage,probability,closeDate,assignedUserName",
            "espocrm",
            "deal",
            &[("closeDate", "expected_close")],
        ),
        (
            "id,first_name,last_name,title,account_name,email_address,phone_work,phone_mobile,primary_address_city,birthdate",
            "suitecrm",
            "contact",
            &[("phone_work", "phones")],
        ),
        (
            "id,name,account_name,amount,date_closed,sales_stage,probability,assigned_user_name",
            "suitecrm",
            "deal",
            &[("sales_stage", "stage")],
        ),
        (
            "First Name,Middle Name,Last Name,File As,Organization Name,Birthday,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 2 - Label,Phone 2 - Value",
            "google-contacts",
            "contact",
            &[("Phone 2 - Value", "phones"), ("Labels", "tags")],
        ),
    ];
    for (headers, system, object, pairs) in cases {
        let headers: Vec<String> = headers.split(',').map(str::to_owned).collect();
        let preset = presets::detect(&headers).unwrap_or_else(|| panic!("{system} {object}"));
        assert_eq!((preset.system.as_str(), preset.object.as_str()), (system, object));
        let mapped = preset.map(&headers);
        for (header, key) in pairs {
            let found = mapped
                .iter()
                .find(|one| headers[one.header] == *header)
                .expect(header);
            assert_eq!(found.column.key, *key);
            if *header == "Phone 2 - Value" {
                assert_eq!(
                    found.label_header.map(|at| headers[at].as_str()),
                    Some("Phone 2 - Label")
                );
            }
        }
    }
    for unknown in [
        vec!["نام", "تلفن"],
        vec!["First Name", "Last Name", "Email"],
        vec!["account", "sector", "revenue"],
    ] {
        let headers: Vec<String> = unknown.into_iter().map(str::to_owned).collect();
        assert!(presets::detect(&headers).is_none(), "{headers:?}");
    }
    // every file is read: three kinds of records of five programs, one of the sixth
    assert_eq!(presets::all().len(), 16);
    assert_eq!(
        presets::parse("system = 1").expect_err("wrong").code(),
        "file-bad-preset"
    );
}

#[test]
fn columns_show_what_they_hold() {
    let profile = |values: &[&str]| {
        let mut column = Column::new();
        for value in values {
            column.add(&Cell::text(*value));
        }
        column
    };
    let cases: [(&[&str], Guess); 14] = [
        (&["", ""], Guess::Nothing),
        (&["1", "۲۵", "-3", ""], Guess::Integer),
        (&["1.5", "1,250", "۲٫۵"], Guess::Decimal),
        (&["2026-11-22", "1405/09/01"], Guess::Date),
        (&["20-10-16", "21-11-16"], Guess::Date),
        (&["۱ آذر ۱۴۰۵", "22 Nov 2026"], Guess::Date),
        (&["2026-11-22T08:30:00Z"], Guess::Date),
        (&["a@b.ir", "sara.x@example.com"], Guess::Email),
        (
            &["09121234567", "021 8888 7777", "+98 (21) 88887777"],
            Guess::Phone,
        ),
        (&["بله", "خیر"], Guess::Boolean),
        (&["0", "1", "1"], Guess::Boolean),
        (&["hot", "cold", "hot", "cold"], Guess::Choice),
        (&["Sara Ahmadi", "علی رضایی"], Guess::Text),
        (&["1", "1", "1"], Guess::Integer),
    ];
    for (values, guess) in cases {
        assert_eq!(profile(values).guess(), guess, "{values:?}");
    }
    let column = profile(&["hot", "", "cold", "hot"]);
    assert_eq!((column.rows(), column.empties(), column.max_chars()), (4, 1, 4));
    assert_eq!(column.choices(), Some(vec![("cold", 1), ("hot", 2)]));
    // bounded, however many values come
    let mut many = Column::new();
    for day in 0..5000 {
        many.add(&Cell::text(format!(
            "{}-{:02}-{:02}",
            1900 + day / 372,
            day / 31 % 12 + 1,
            day % 31 + 1
        )));
    }
    assert_eq!(
        (many.guess(), many.date_samples().count(), many.choices()),
        (Guess::Date, 1000, None)
    );
    let mut typed = Column::new();
    typed.add(&Cell::Number("5".into()));
    typed.add(&Cell::Error("#N/A".into()));
    assert_eq!((typed.guess(), typed.errors()), (Guess::Integer, 1));
}

proptest! {
    #[test]
    fn a_guard_is_taken_off_exactly(text in "['=+\\-@\t\r\n＝＋－＠a]{0,6}|\\PC{0,20}") {
        let guarded = guard_formula(&text);
        prop_assert_eq!(unguard_formula(&guarded), text.as_str());
        prop_assert!(!guarded.chars().next().is_some_and(starts_formula));
    }

    #[test]
    fn arbitrary_heads_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,60}") {
        let _ = sniff(&bytes);
        let _ = sniff(text.as_bytes());
        let mut column = Column::new();
        column.add(&Cell::text(text.clone()));
        let _ = column.guess();
        let headers = vec![text.clone(), normalise(&text)];
        let _ = presets::detect(&headers);
        prop_assert!(match_headers(&headers, &[target(&text, &[&text], &[])]).len() <= 1);
    }
}
