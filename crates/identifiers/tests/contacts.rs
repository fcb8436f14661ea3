//! Phones and e-mail addresses.

use peyvand_identifiers::phone::{self, PhoneContext, PhoneKind, Region, world};
use peyvand_identifiers::{Kind, Reason, Verdict, areas, detect, email};

fn here() -> PhoneContext {
    PhoneContext::default()
}

#[test]
fn iranian_mobiles() {
    for text in [
        "+989022002580",
        "00989022002580",
        "9022002580",
        "09022002580",
        "989022002580",
        "۰۹۰۲۲۰۰۲۵۸۰",
        "٠٩٠٢ ٢٠٠ ٢٥٨٠",
        "0902-200-2580",
        "(0902) 200 2580",
        "+98 902 200 2580",
        "+98 (0)902 200 2580",
        "+9809022002580",
        "\u{200E}+98 902 200 2580\u{200F}",
        "۹۸۹۰۲۲۰۰۲۵۸۰+",
        "tel:+98-902-200-2580",
    ] {
        let p = phone::normalise(text, &here()).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(
            (p.e164.as_str(), p.kind, p.national.as_str()),
            ("+989022002580", PhoneKind::Mobile, "0902 200 2580")
        );
    }
    assert_eq!(
        phone::normalise("09981000000", &here()).unwrap().e164,
        "+989981000000"
    );
    for text in [
        "09802002580",
        "000989022002580",
        "0902200258",
        "090220025800",
        "",
        "۰۹۱۲abc",
        "++989022002580",
        "0",
        "-",
    ] {
        assert!(phone::normalise(text, &here()).is_err(), "{text}");
        assert_eq!(phone::check(text, &here()).verdict, Verdict::Invalid, "{text}");
    }
}

#[test]
fn iranian_landlines() {
    for text in [
        "02188776655",
        "021 8877 6655",
        "+982188776655",
        "0098-21-88776655",
        "2188776655",
        "۰۲۱-۸۸۷۷۶۶۵۵",
    ] {
        let p = phone::normalise(text, &here()).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(
            (p.e164.as_str(), p.kind, p.national.as_str()),
            ("+982188776655", PhoneKind::Landline, "021 8877 6655")
        );
        assert_eq!(p.area().map(|a| (a.fa, a.en)), Some(("تهران", "Tehran")));
    }
    assert_eq!(
        phone::normalise("88776655", &here()),
        Err(Reason::AreaCodeMissing)
    );
    let tehran = PhoneContext {
        default_area: Some("021".into()),
        ..here()
    };
    assert_eq!(
        phone::normalise("88776655", &tehran).unwrap().e164,
        "+982188776655"
    );
    let extension = phone::normalise("۰۲۱۸۸۷۷۶۶۵۵ داخلی ۱۲۳", &here()).unwrap();
    assert_eq!(extension.extension.as_deref(), Some("123"));
    assert_eq!(
        phone::normalise("02188776655 ext. 7", &here())
            .unwrap()
            .extension
            .as_deref(),
        Some("7")
    );
    assert_eq!(
        phone::normalise("02188776655 x7", &here())
            .unwrap()
            .extension
            .as_deref(),
        Some("7")
    );
    // an area code that is not in the list is kept when it was typed as one
    let unknown = phone::check("02788776655", &here());
    assert_eq!(
        (unknown.verdict, unknown.reason),
        (Verdict::Warning, Some(Reason::AreaCodeUnknown))
    );
    assert_eq!(areas::all().len(), 31, "one area for each province");
}

#[test]
fn the_world() {
    for (text, e164) in [
        ("+1 (415) 555-2671", "+14155552671"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("0049 30 123456", "+4930123456"),
        ("+971 50 123 4567", "+971501234567"),
        ("+905321234567", "+905321234567"),
    ] {
        assert_eq!(phone::normalise(text, &here()).unwrap().e164, e164);
    }
    assert_eq!(
        phone::normalise("+999123456789", &here()),
        Err(Reason::CallingCode)
    );
    assert_eq!(phone::normalise("+0123456789", &here()), Err(Reason::CallingCode));
    assert_eq!(
        phone::normalise("+1 115 555 2671", &here()),
        Err(Reason::NumberingPlan)
    );
    assert_eq!(phone::normalise("+4412", &here()), Err(Reason::TooShort));
    assert_eq!(
        phone::normalise("+4412345678901234", &here()),
        Err(Reason::TooLong)
    );
    let britain = PhoneContext {
        default_region: Region::new("gb"),
        default_area: None,
    };
    let p = phone::normalise("07400 123456", &britain).unwrap();
    assert_eq!((p.e164.as_str(), p.kind), ("+447400123456", PhoneKind::Mobile));
    assert_eq!(
        phone::normalise(
            "09121234567",
            &PhoneContext {
                default_region: None,
                default_area: None
            }
        ),
        Err(Reason::RegionMissing)
    );
    assert_eq!(
        phone::normalise("+989121234567", &britain).unwrap().kind,
        PhoneKind::Mobile
    );
    assert_eq!(world::inspect("+442079460958").unwrap().kind, PhoneKind::Landline);
    assert_eq!(
        world::inspect("+44111").ok().and_then(|p| p.warning),
        Some(Reason::NumberingPlan)
    );
}

#[test]
fn e_mail_addresses() {
    for (typed, address, key) in [
        ("sara@example.com", "sara@example.com", "sara@example.com"),
        (
            " Sara@Example.Com\u{200F}",
            "Sara@example.com",
            "sara@example.com",
        ),
        (
            "mailto:a.b+c@sub.example.co.uk",
            "a.b+c@sub.example.co.uk",
            "a.b+c@sub.example.co.uk",
        ),
        ("<sara@example.com>", "sara@example.com", "sara@example.com"),
        ("sara۱۲@example.com", "sara12@example.com", "sara12@example.com"),
        (
            "x@bücher.example",
            "x@xn--bcher-kva.example",
            "x@xn--bcher-kva.example",
        ),
        (
            "x@BÜCHER.example",
            "x@xn--bcher-kva.example",
            "x@xn--bcher-kva.example",
        ),
    ] {
        let e = email::normalise(typed).unwrap_or_else(|r| panic!("{typed}: {r}"));
        assert_eq!(
            (e.address.as_str(), e.key.as_str(), e.warning),
            (address, key, None),
            "{typed}"
        );
    }
    let e = email::normalise("Info@xn--bcher-kva.example").unwrap();
    assert_eq!(
        (e.local(), e.domain(), e.unicode_domain().as_str()),
        ("Info", "xn--bcher-kva.example", "bücher.example")
    );
    for (typed, reason) in [
        ("", Reason::Empty),
        ("sara", Reason::EmailNoAt),
        ("@example.com", Reason::EmailLocal),
        ("a..b@example.com", Reason::EmailLocal),
        (".a@example.com", Reason::EmailLocal),
        ("a b@example.com", Reason::EmailLocal),
        ("a@b@example.com", Reason::EmailLocal),
        ("a@", Reason::EmailDomain),
        ("a@localhost", Reason::EmailDomain),
        ("a@-x.com", Reason::EmailDomain),
        ("a@x..com", Reason::EmailDomain),
        ("a@1.2.3.4", Reason::EmailDomain),
        ("a@exa_mple.com", Reason::EmailDomain),
    ] {
        assert_eq!(email::normalise(typed), Err(reason), "{typed}");
    }
    assert_eq!(
        email::normalise(&format!("{}@example.com", "a".repeat(65))),
        Err(Reason::EmailLocal)
    );
    assert_eq!(
        email::check("سارا@example.com").reason,
        Some(Reason::EmailInternational)
    );
    for typo in [
        "a@gmial.com",
        "a@gmail.co",
        "a@gmal.com",
        "a@yaho.com",
        "a@gmaill.com",
    ] {
        assert_eq!(email::check(typo).reason, Some(Reason::EmailTypo), "{typo}");
    }
    for fine in ["a@gmail.com", "a@ymail.com", "a@mail.com"] {
        assert_eq!(email::check(fine).verdict, Verdict::Valid, "{fine}");
    }
}

#[test]
fn shared_mailboxes() {
    for typed in [
        "info@x.ir",
        "SALES@x.ir",
        "sales-2@x.ir",
        "info.tehran@x.ir",
        "support2@x.ir",
        "no-reply@x.ir",
    ] {
        assert!(email::normalise(typed).unwrap().shared, "{typed}");
    }
    for typed in ["sara@x.ir", "it.nazari@x.ir", "saeed1@x.ir", "salesi@x.ir"] {
        assert!(!email::normalise(typed).unwrap().shared, "{typed}");
    }
}

#[test]
fn found_in_running_text() {
    let text = "سلام، من سارا احمدی هستم. شماره‌ام ۰۹۱۲-۳۴۵-۶۷۸۹ و دفتر (021) 8877 6655 است؛ کد ملی: ۰۴۹۹۳۷۰۸۹۹. \
                شبا IR82 0540 1026 8002 0817 9090 02، کارت 6219-8610-3452-9007، شناسه ملی 10380284790، \
                ایمیل: Sara@Example.com. سایت https://example.com/a, فاکتور A1122604E4F00000000016 به مبلغ \
                12,500,000 ریال در 1405/08/30؛ خارج: +44 20 7946 0958.";
    let found = detect(text);
    let list: Vec<_> = found
        .iter()
        .map(|f| (f.kind, f.checked.normalised.as_str()))
        .collect();
    assert_eq!(
        list,
        [
            (Kind::Phone, "+989123456789"),
            (Kind::Phone, "+982188776655"),
            (Kind::NationalId, "0499370899"),
            (Kind::Sheba, "IR820540102680020817909002"),
            (Kind::Card, "6219861034529007"),
            (Kind::LegalId, "10380284790"),
            (Kind::Email, "Sara@example.com"),
            (Kind::Url, "https://example.com/a"),
            (Kind::TaxId, "A1122604E4F00000000016"),
            (Kind::Phone, "+442079460958"),
        ]
    );
    assert_eq!(&text[found[0].span.clone()], "۰۹۱۲-۳۴۵-۶۷۸۹");
    assert_eq!(&text[found[3].span.clone()], "IR82 0540 1026 8002 0817 9090 02");
    assert_eq!(&text[found[6].span.clone()], "Sara@Example.com");
    let two = detect("09123456789 0499370899");
    assert_eq!(
        two.iter().map(|f| f.kind).collect::<Vec<_>>(),
        [Kind::Phone, Kind::NationalId]
    );
    for nothing in [
        "",
        "1405/08/30",
        "12,500,000",
        "PN0499370899",
        "a@b",
        "٪۵۰",
        "1234567890",
    ] {
        assert_eq!(detect(nothing), [], "{nothing}");
    }
}
