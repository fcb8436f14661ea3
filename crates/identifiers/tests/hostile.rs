//! Hostile input: arbitrary text and very long input neither panic nor take more than linear time.

use std::time::{Duration, Instant};

use peyvand_identifiers::phone::{PhoneContext, Region};
use peyvand_identifiers::{Checked, bank, bill, detect, email, moadian, national, phone, url};
use proptest::prelude::*;

type Check = (&'static str, Box<dyn Fn(&str) -> Checked>);

fn checks() -> Vec<Check> {
    let world = PhoneContext {
        default_region: Region::new("DE"),
        default_area: None,
    };
    vec![
        ("national id", Box::new(national::national_id)),
        ("legal id", Box::new(national::legal_id)),
        ("economic", Box::new(national::economic_code)),
        ("foreigner", Box::new(national::foreigner_id)),
        ("registration", Box::new(national::registration_number)),
        ("postal", Box::new(national::postal_code)),
        ("sayad", Box::new(national::sayad_id)),
        ("sheba", Box::new(bank::sheba)),
        ("card", Box::new(bank::card)),
        ("bill", Box::new(bill::bill_id)),
        ("payment", Box::new(|t| bill::payment_id(t, t))),
        ("tax id", Box::new(moadian::check)),
        ("e-mail", Box::new(email::check)),
        ("url", Box::new(url::check)),
        ("phone", Box::new(|t| phone::check(t, &PhoneContext::default()))),
        ("phone abroad", Box::new(move |t| phone::check(t, &world))),
    ]
}

proptest! {
    #[test]
    fn arbitrary_text(text in "\\PC{0,60}") {
        for (_, check) in checks() {
            check(&text);
        }
        for f in detect(&text) {
            prop_assert!(text.get(f.span).is_some());
        }
    }

    #[test]
    fn text_of_digits_and_marks(text in "[0-9۰-۹٠-٩०-९+() @.:/a-zA-Zا-ی\u{200C}\u{200F}\u{202E}IR-]{0,80}") {
        for (_, check) in checks() {
            check(&text);
        }
        let mut end = 0;
        for f in detect(&text) {
            prop_assert!(f.span.start >= end && f.span.end > f.span.start, "{:?}", f);
            end = f.span.end;
            prop_assert!(text.get(f.span).is_some());
        }
    }

    #[test]
    fn what_is_acceptable_stays_so(text in "[+]?[0-9۰-۹ -]{8,26}") {
        for (name, check) in checks() {
            let once = check(&text);
            if once.is_acceptable() && name != "payment" {
                let twice = check(&once.normalised);
                prop_assert_eq!(&once.normalised, &twice.normalised, "{}", name);
                // A national form is read by its country's plan, E.164 by calling code and length.
                let same = if name == "phone abroad" { twice.is_acceptable() } else { once.verdict == twice.verdict };
                prop_assert!(same, "{}: {:?} {:?}", name, once, twice);
            }
        }
    }

    #[test]
    fn e_mail_is_stable(text in "[a-zA-Z0-9.+_-]{1,20}@[a-zA-Z0-9.آ-ی-]{1,30}") {
        if let Ok(e) = email::normalise(&text) {
            let again = email::normalise(&e.address).unwrap();
            prop_assert_eq!(&again.address, &e.address);
            prop_assert_eq!(again.key, e.key);
        }
    }
}

#[test]
fn four_megabytes_of_anything() {
    let units = [
        "1", "۱", "०", "9", "0", "@", "a", "a@", "a@b.", "\u{301}", "\u{202E}", "+", "(", "()", " ", "-",
        "1 ", "12-", "IR", "www.", "http://", "😀", "ء", "۱ ", "+9", "x", "1@1 ", "\u{200C}",
    ];
    for unit in units {
        let text = unit.repeat(4_000_000 / unit.len());
        let start = Instant::now();
        for (_, check) in checks() {
            check(&text);
        }
        // A quarter is enough to tell linear from quadratic, and keeps the unoptimised run short.
        let text = unit.repeat(1_000_000 / unit.len());
        let found = detect(&text);
        assert!(found.len() <= text.len() / 10);
        // Unoptimised linear work takes well under this; quadratic work would take hours.
        assert!(
            start.elapsed() < Duration::from_mins(1),
            "{unit:?} took {:?}",
            start.elapsed()
        );
    }
}
