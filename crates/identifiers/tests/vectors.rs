//! Vectors of every identifier, and what their check digits guarantee.

use peyvand_identifiers::{Checked, Reason, Verdict, bank, bill, moadian, national, url};
use proptest::prelude::*;

fn verdicts(check: impl Fn(&str) -> Checked, verdict: Verdict, texts: &[&str]) {
    for text in texts {
        let checked = check(text);
        assert_eq!(checked.verdict, verdict, "{text}: {checked:?}");
        assert_eq!(checked.reason.is_none(), verdict == Verdict::Valid, "{text}");
    }
}

#[test]
fn national_ids() {
    let valid = [
        "0499370899",
        "0790419904",
        "1583250689",
        "0684159414",
        "68415941",
        "4400276201",
        "2540201288",
        "7400076205",
        "7340416501",
        "۰۴۹۹۳۷۰۸۹۹",
        "049-937089-9",
        " ٠٤٩٩٣٧٠٨٩٩ ",
    ];
    verdicts(national::national_id, Verdict::Valid, &valid);
    let invalid = [
        "0000000000",
        "9999999999",
        "0010000000",
        "1234567890",
        "12345678",
        "000123456",
        "9990419904",
        "",
        "abc",
        "04993708999",
    ];
    verdicts(national::national_id, Verdict::Invalid, &invalid);
    assert_eq!(national::national_id("68415941").normalised, "0068415941");
    assert_eq!(
        national::national_id("0010000000").reason,
        Some(Reason::ZeroSerial)
    );
    assert_eq!(national::national_id("1111111111").reason, Some(Reason::Repeated));
    assert_eq!(
        national::national_id("0499370899x").reason,
        Some(Reason::UnexpectedCharacter)
    );
}

#[test]
fn legal_ids_and_economic_codes() {
    verdicts(
        national::legal_id,
        Verdict::Valid,
        &["10380284790", "۱۰۳۸۰۲۸۴۷۹۰", "14007650912"],
    );
    let invalid = [
        "10380284792",
        "10380285692",
        "09748208301",
        "11111111111",
        "1038028479",
        "103800000000",
    ];
    verdicts(national::legal_id, Verdict::Invalid, &invalid);
    verdicts(
        national::economic_code,
        Verdict::Valid,
        &["10380284790", "14003778990001"],
    );
    verdicts(
        national::economic_code,
        Verdict::Warning,
        &["411111111111", "10380284792", "123456"],
    );
    verdicts(national::economic_code, Verdict::Invalid, &["", "abc"]);
    assert_eq!(
        national::economic_code("411111111111").reason,
        Some(Reason::OldEconomicCode)
    );
}

#[test]
fn ids_without_check_digits() {
    verdicts(
        national::foreigner_id,
        Verdict::Valid,
        &["12345678", "۱۲۳۴۵۶۷۸۹۰۱۲"],
    );
    verdicts(
        national::foreigner_id,
        Verdict::Warning,
        &["1234567", "12345678901234567"],
    );
    verdicts(national::registration_number, Verdict::Valid, &["۱۲۳۴۵", "7"]);
    verdicts(national::registration_number, Verdict::Warning, &["12345678901"]);
    verdicts(
        national::postal_code,
        Verdict::Valid,
        &["1193653471", "11936-53471", "۱۱۹۳۶۵۳۴۷۱"],
    );
    verdicts(
        national::postal_code,
        Verdict::Warning,
        &["142386473", "1111111111", "0423437584", "11936534711"],
    );
    verdicts(national::postal_code, Verdict::Invalid, &["", "پستی"]);
    verdicts(
        national::sayad_id,
        Verdict::Valid,
        &["1234567890123456", "۱۲۳۴ ۵۶۷۸ ۹۰۱۲ ۳۴۵۶"],
    );
    verdicts(
        national::sayad_id,
        Verdict::Invalid,
        &["123456789012345", "12345678901234567", "0000000000000000"],
    );
}

#[test]
fn accounts_and_cards() {
    verdicts(
        bank::sheba,
        Verdict::Valid,
        &[
            "IR820540102680020817909002",
            "ir82 0540 1026 8002 0817 9090 02",
            "۸۲۰۵۴۰۱۰۲۶۸۰۰۲۰۸۱۷۹۰۹۰۰۲",
        ],
    );
    verdicts(
        bank::sheba,
        Verdict::Invalid,
        &[
            "IR012345678901234567890123",
            "IR82054010268002081790900",
            "GB82WEST12345698765432",
            "",
        ],
    );
    assert_eq!(
        bank::sheba("DE820540102680020817909002").reason,
        Some(Reason::ShebaCountry)
    );
    verdicts(
        bank::card,
        Verdict::Valid,
        &["6037701689095443", "6219861034529007", "۶۲۱۹-۸۶۱۰-۳۴۵۲-۹۰۰۷"],
    );
    verdicts(
        bank::card,
        Verdict::Invalid,
        &[
            "6219861034529008",
            "4000000000000002",
            "4444333322221111",
            "621986103452900",
            "0000000000000000",
        ],
    );
    assert!(bank::luhn("4000000000000002") && bank::luhn("4444333322221111"));
    assert_eq!(
        bank::of_card("6219861034529007").map(|b| b.fa),
        Some("بانک سامان")
    );
    assert_eq!(bank::in_fours("6219861034529007"), "6219 8610 3452 9007");
    for bank in bank::all() {
        assert!(!bank.fa.is_empty() && !bank.en.is_empty());
        assert!(
            bank.sheba_codes
                .iter()
                .all(|c| c.len() == 3 && c.bytes().all(|b| b.is_ascii_digit())),
            "{bank:?}"
        );
        assert!(
            bank.card_prefixes
                .iter()
                .all(|c| c.len() == 6 && c.bytes().all(|b| b.is_ascii_digit())),
            "{bank:?}"
        );
    }
    let mut codes: Vec<_> = bank::all()
        .iter()
        .flat_map(|b| b.sheba_codes.iter().chain(&b.card_prefixes))
        .collect();
    let before = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), before, "a code belongs to one bank");
}

#[test]
fn bills() {
    verdicts(
        bill::bill_id,
        Verdict::Valid,
        &["7748317800142", "2050327604613", "۷۷۴۸۳۱۷۸۰۰۱۴۲"],
    );
    verdicts(bill::bill_id, Verdict::Invalid, &["7748317800143", "12", ""]);
    assert_eq!(
        bill::Service::of_bill("7748317800142"),
        Some(bill::Service::Landline)
    );
    assert_eq!(
        bill::payment_id("1770160", "7748317800142").verdict,
        Verdict::Valid
    );
    assert_eq!(
        bill::payment_id("1070189", "2050327604613").verdict,
        Verdict::Valid
    );
    assert_eq!(
        bill::payment_id("1770160", "2050327604613").reason,
        Some(Reason::BillPair)
    );
    assert_eq!(
        bill::payment_id("1770150", "7748317800142").reason,
        Some(Reason::CheckDigit)
    );
}

#[test]
fn tax_ids() {
    assert_eq!(moadian::verhoeff_digit("236"), 3);
    assert!(moadian::verhoeff_holds("2363") && !moadian::verhoeff_holds("2364"));
    assert_eq!(
        moadian::build("A11226", 20_047, 1).as_deref(),
        Ok("A1122604E4F00000000016")
    );
    verdicts(
        moadian::check,
        Verdict::Valid,
        &["A1122604E4F00000000016", "a1122604e4f00000000016"],
    );
    verdicts(
        moadian::check,
        Verdict::Invalid,
        &[
            "A1122604E4F00000000017",
            "A1122604E4F0000000001",
            "",
            "A1122604E4G00000000016",
        ],
    );
    assert_eq!(moadian::build("A1122", 1, 1), Err(Reason::TaxMemory));
    assert_eq!(moadian::build("A11226", 1_000_000, 1), Err(Reason::TaxRange));
    assert_eq!(
        moadian::build("A11226", 1, 1_000_000_000_000),
        Err(Reason::TaxRange)
    );
}

#[test]
fn web_addresses() {
    for (typed, stored) in [
        ("example.com", "https://example.com"),
        ("HTTP://Example.COM:80/", "http://example.com"),
        (
            "https://example.com:443/A/b?q=1#x",
            "https://example.com/A/b?q=1#x",
        ),
        ("example.com:8080/a b", "https://example.com:8080/a%20b"),
        (
            "https://دیجی‌کالا.ایران",
            "https://xn--jgbab1anj35l9vq.xn--mgba3a4f16a",
        ),
    ] {
        let got = url::normalise(typed);
        // The ZWNJ of the last one belongs to the name; its Punycode is checked by reading it back.
        if typed.contains('ی') {
            let host = got.unwrap();
            assert!(
                host.starts_with("https://xn--") && host.ends_with(".xn--mgba3a4f16a"),
                "{host}"
            );
        } else {
            assert_eq!(got.as_deref(), Ok(stored));
        }
    }
    for (typed, reason) in [
        ("ftp://example.com", Reason::UrlScheme),
        ("javascript:alert(1)", Reason::UrlScheme),
        ("https://user:pw@example.com", Reason::UrlCredentials),
        ("https://", Reason::UrlForm),
        ("no dots", Reason::UrlForm),
        ("http://a..b", Reason::UrlForm),
        ("example.com:99999", Reason::UrlForm),
        ("", Reason::Empty),
    ] {
        assert_eq!(url::normalise(typed), Err(reason), "{typed}");
    }
}

#[test]
fn reasons_are_complete_and_distinct() {
    let mut codes: Vec<_> = Reason::ALL.iter().map(|r| r.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Reason::ALL.len());
    for r in Reason::ALL {
        assert!(
            r.code().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
            "{}",
            r.code()
        );
        assert!(
            r.fa().ends_with('.') && r.en().ends_with('.') && r.en().is_ascii(),
            "{}",
            r.code()
        );
        assert!(!r.fa().contains(['ي', 'ك']), "Arabic letters in {}", r.fa());
    }
}

/// The text with another digit at `at`, or with the neighbours at `at` swapped; `None` if that changes nothing.
fn damaged(text: &str, at: usize, new: u8, swap: bool) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    if swap {
        bytes.swap(at, at + 1);
    } else {
        bytes[at] = b'0' + new;
    }
    let out = String::from_utf8(bytes).unwrap();
    (out != text).then_some(out)
}

/// Fills in the last digit for which the check holds.
fn complete(body: &str, check: impl Fn(&str) -> Checked) -> Option<String> {
    (0..10)
        .map(|d| format!("{body}{d}"))
        .find(|t| check(t).verdict != Verdict::Invalid)
}

proptest! {
    // Remainders 1 and 10 share the check digit 1, so only the other ids are safe against every slip.
    #[test]
    fn national_id_catches_slips(body in "[0-9]{3}[1-9][0-9]{5}", at in 0usize..9, new in 0u8..10, swap: bool) {
        let Some(id) = complete(&body, national::national_id) else { return Ok(()) };
        if let Some(bad) = damaged(&id, at, new, swap) {
            let safe = !id.ends_with('1') && !bad.ends_with('1');
            prop_assert!(!safe || !national::national_id(&bad).is_acceptable(), "{} → {}", id, bad);
        }
    }

    // Remainders 0 and 10 share the check digit 0.
    #[test]
    fn legal_id_catches_slips(body in "[0-9]{3}[1-9][0-9]{6}", at in 0usize..10, new in 0u8..10, swap: bool) {
        let Some(id) = complete(&body, national::legal_id) else { return Ok(()) };
        if let Some(bad) = damaged(&id, at, new, swap) {
            let safe = !id.ends_with('0') && !bad.ends_with('0');
            prop_assert!(!safe || !national::legal_id(&bad).is_acceptable(), "{} → {}", id, bad);
        }
    }

    #[test]
    fn card_catches_slips(tail in "[0-9]{9}", at in 0usize..15, new in 0u8..10, swap: bool) {
        let id = complete(&format!("603799{tail}"), bank::card).unwrap();
        if let Some(bad) = damaged(&id, at, new, swap) {
            // Luhn does not see 09 ↔ 90.
            let blind = swap && matches!(id.get(at..at + 2), Some("09" | "90"));
            prop_assert_eq!(bank::luhn(&bad), blind, "{} → {}", id, bad);
        }
    }

    #[test]
    fn sheba_catches_slips(account in "[0-9]{19}", at in 2usize..25, new in 0u8..10, swap: bool) {
        let body = format!("054{account}");
        let found = (2..99).map(|c| format!("IR{c:02}{body}")).find(|t| bank::sheba(t).verdict == Verdict::Valid);
        let id = found.unwrap();
        if let Some(bad) = damaged(&id, at, new, swap) {
            prop_assert_eq!(bank::sheba(&bad).reason, Some(Reason::CheckDigit), "{} → {}", id, bad);
        }
    }

    #[test]
    fn verhoeff_catches_slips(body in "[0-9]{1,30}", at in 0usize..30, new in 0u8..10, swap: bool) {
        let id = format!("{body}{}", moadian::verhoeff_digit(&body));
        prop_assert!(moadian::verhoeff_holds(&id));
        let at = at % body.len();
        if let Some(bad) = damaged(&id, at, new, swap) {
            prop_assert!(!moadian::verhoeff_holds(&bad), "{} → {}", id, bad);
        }
    }

    #[test]
    fn tax_id_round_trip(memory in "[A-Z0-9]{6}", day in 0u32..1_000_000, serial in 0u64..1_000_000_000_000) {
        let id = moadian::build(&memory, day, serial).unwrap();
        prop_assert_eq!(id.len(), 22);
        let parsed = moadian::parse(&id).unwrap();
        prop_assert_eq!((parsed.memory, parsed.day, parsed.serial), (memory, day, serial));
    }
}
