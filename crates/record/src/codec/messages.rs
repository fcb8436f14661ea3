//! The sentences of [`FieldError`]: «فیلد» + what is wrong + what is expected.

use peyvand_numbers::Language;

use super::error::{Expected, FieldError, FieldErrorCode as Code, number};

/// The message in a language.
pub(super) fn of(error: &FieldError, language: Language) -> String {
    let label = match (&error.label, language) {
        (Some(l), Language::Fa) => l.fa.as_str(),
        (Some(l), Language::En) => l.en.as_str(),
        (None, _) => error.field.as_str(),
    };
    let given = if error.value.is_empty() {
        String::new()
    } else {
        match language {
            Language::Fa => format!(" (مقدار: «{}»)", error.value),
            Language::En => format!(" (value: “{}”)", error.value),
        }
    };
    let wrong = match language {
        Language::Fa => wrong_fa(error.code),
        Language::En => wrong_en(error.code),
    };
    let mut out = match language {
        Language::Fa => format!("«{label}»: {wrong}{given}."),
        Language::En => format!("“{label}”: {wrong}{given}."),
    };
    if let Some(reason) = error.reason {
        out.push(' ');
        out.push_str(reason.text(language));
    }
    if let Expected::Because(why) = &error.expected {
        out.push(' ');
        out.push_str(match language {
            Language::Fa => &why.fa,
            Language::En => &why.en,
        });
    }
    if !error.readings.is_empty() {
        let shown: Vec<String> = error.readings.iter().map(|r| r.shown(language)).collect();
        match language {
            Language::Fa => {
                out.push_str(" کدام منظور است: ");
                out.push_str(&shown.join(" یا "));
                out.push('؟');
            }
            Language::En => {
                out.push_str(" Which is meant: ");
                out.push_str(&shown.join(" or "));
                out.push('?');
            }
        }
        return out;
    }
    let expected = match language {
        Language::Fa => expected_fa(&error.expected),
        Language::En => expected_en(&error.expected),
    };
    if let Some(expected) = expected {
        out.push_str(match language {
            Language::Fa => " انتظار می‌رود: ",
            Language::En => " Expected: ",
        });
        out.push_str(&expected);
        out.push('.');
    }
    out
}

const fn wrong_fa(code: Code) -> &'static str {
    match code {
        Code::UnknownField => "چنین فیلدی وجود ندارد",
        Code::ReadOnly => "این فیلد را نمی‌توان مستقیم نوشت",
        Code::Required => "این فیلد باید مقدار داشته باشد",
        Code::WrongType => "نوع مقدار درست نیست",
        Code::TooLong => "متن بلندتر از اندازهٔ مجاز است",
        Code::TooLarge => "مقدار بزرگ‌تر از اندازهٔ مجاز است",
        Code::NotANumber => "عدد نیست",
        Code::AmbiguousNumber => "این عدد را دو جور می‌توان خواند",
        Code::InexactNumber => "این عدد در JSON دقیق نمی‌ماند؛ آن را به شکل رشته بفرستید",
        Code::OutOfRange => "عدد بیرون از بازهٔ مجاز است",
        Code::TooManyDecimals => "رقم‌های اعشار بیش از اندازه است",
        Code::NotAnAmount => "مبلغ نیست",
        Code::AmbiguousAmount => "این مبلغ را دو جور می‌توان خواند",
        Code::UnknownCurrency => "این ارز شناخته نشد",
        Code::NotABoolean => "نه «بله» است و نه «خیر»",
        Code::NotADate => "تاریخ نیست",
        Code::AmbiguousDate => "این تاریخ را چند جور می‌توان خواند",
        Code::NoSuchDate => "چنین روزی در تقویم نیست",
        Code::NotAnInstant => "زمان نیست",
        Code::NotARecurrence => "شیوهٔ تکرار خوانده نشد",
        Code::RecurrenceOver => "تکرار پیش از خود فعالیت پایان می‌یابد",
        Code::UnknownChoice => "از گزینه‌های این فیلد نیست",
        Code::RetiredChoice => "این گزینه دیگر به کار نمی‌رود",
        Code::NotAnEmail => "نشانی ایمیل درست نیست",
        Code::NotAPhone => "شمارهٔ تلفن درست نیست",
        Code::NotAUrl => "نشانی وب درست نیست",
        Code::NotAnId => "شناسه نیست",
        Code::NoSuchRecord => "چنین رکوردی وجود ندارد",
        Code::OtherPipeline => "این مرحله از آنِ خط فروش دیگری است",
        Code::NoSuchStage => "خط فروش مرحله‌ای برای آن ندارد",
        Code::EndsBeforeStart => "پایان پیش از آغاز است",
        Code::NotUnique => "رکورد دیگری همین را دارد",
        Code::SameCurrency => "ارز و ارز پایه یکی هستند",
        Code::OtherCurrency => "ارز آن با ارز دیگر مبلغ‌ها یکی نیست",
        Code::DiscountTooLarge => "تخفیف از مبلغی که از آن کم می‌شود بیشتر است",
        Code::NegativeQuantity => "تعداد منفی تنها در مرجوعی و ابطال پذیرفته است",
        Code::UnknownZone => "چنین منطقهٔ زمانی نیست",
        Code::OwnCodesFirst => {
            "نخست کد یک‌بارمصرف خودتان را روشن کنید؛ وگرنه خودتان هم به این صفحه بازنمی‌گردید"
        }
        Code::UnknownObject => "چنین نوع رکوردی نیست",
        Code::NotAFilter => "این فیلتر خوانده نمی‌شود",
        Code::NotAnOrder => "فهرست را نمی‌توان به این ترتیب چید",
        Code::NotGroupable => "رکوردها را نمی‌توان بر پایهٔ این فیلد گروه کرد",
        Code::NotColumns => "ستون‌های فهرست این‌گونه نوشته نمی‌شوند",
        Code::LeadsBack => "رکورد نمی‌تواند زیرمجموعهٔ خودش باشد",
        Code::InTheFuture => "این روز هنوز نیامده است",
        Code::NegativeAmount => "مبلغ نمی‌تواند منفی باشد",
        Code::BadIdentifier => "این شناسه درست نیست",
        Code::UnknownPart => "بخشی ناشناخته دارد",
        Code::SeveralPrimary => "بیش از یک مورد «اصلی» است",
    }
}

const fn wrong_en(code: Code) -> &'static str {
    match code {
        Code::UnknownField => "there is no such field",
        Code::ReadOnly => "this field cannot be written directly",
        Code::Required => "this field must have a value",
        Code::WrongType => "the value is of the wrong kind",
        Code::TooLong => "the text is too long",
        Code::TooLarge => "the value is too large",
        Code::NotANumber => "not a number",
        Code::AmbiguousNumber => "this number can be read in two ways",
        Code::InexactNumber => "this number does not stay exact in JSON; send it as a string",
        Code::OutOfRange => "the number is outside the allowed range",
        Code::TooManyDecimals => "too many decimal places",
        Code::NotAnAmount => "not an amount of money",
        Code::AmbiguousAmount => "this amount can be read in two ways",
        Code::UnknownCurrency => "the currency is not known",
        Code::NotABoolean => "neither yes nor no",
        Code::NotADate => "not a date",
        Code::AmbiguousDate => "this date can be read in more than one way",
        Code::NoSuchDate => "the calendar has no such day",
        Code::NotAnInstant => "not a point in time",
        Code::NotARecurrence => "not a way of repeating",
        Code::RecurrenceOver => "it ends before it begins to repeat",
        Code::UnknownChoice => "not one of the choices of this field",
        Code::RetiredChoice => "this choice is no longer offered",
        Code::NotAnEmail => "not an e-mail address",
        Code::NotAPhone => "not a phone number",
        Code::NotAUrl => "not a web address",
        Code::NotAnId => "not an id",
        Code::NoSuchRecord => "there is no such record",
        Code::OtherPipeline => "this stage belongs to another pipeline",
        Code::NoSuchStage => "the pipeline has no stage for it",
        Code::EndsBeforeStart => "it ends before it begins",
        Code::NotUnique => "another record has it already",
        Code::SameCurrency => "the currency and its base are the same",
        Code::OtherCurrency => "its currency is not that of the other amounts",
        Code::DiscountTooLarge => "the discount is larger than what it is taken off",
        Code::NegativeQuantity => "a quantity below zero stands in returns and cancellations only",
        Code::UnknownZone => "there is no such time zone",
        Code::OwnCodesFirst => {
            "switch on your own one-time codes first: without them you could not come back here either"
        }
        Code::UnknownObject => "there are no records of this kind",
        Code::NotAFilter => "this filter cannot be read",
        Code::NotAnOrder => "a list cannot be in this order",
        Code::NotGroupable => "records are not grouped by this field",
        Code::NotColumns => "the columns of a list are not written like this",
        Code::LeadsBack => "a record cannot stand under itself",
        Code::InTheFuture => "this day has not come yet",
        Code::NegativeAmount => "the amount cannot be below zero",
        Code::BadIdentifier => "this identifier is not right",
        Code::UnknownPart => "it has a part that is not known",
        Code::SeveralPrimary => "more than one entry is marked as primary",
    }
}

/// Columns of a list as they are kept.
const COLUMNS: &str = r#"{"columns":"name,city:120","density":"compact"}"#;

/// At most this many choices are named in a sentence.
const CHOICES_SHOWN: usize = 12;

fn expected_fa(expected: &Expected) -> Option<String> {
    let n = |v: i64| number(v, Language::Fa);
    Some(match expected {
        Expected::Nothing | Expected::Because(_) => return None,
        Expected::SomeValue => "یک مقدار".to_owned(),
        Expected::Columns => {
            format!("کلید فیلدهای همین رکوردها با ویرگول میانشان و پهنا پس از دونقطه، مانند {COLUMNS}")
        }
        Expected::Text { max } => format!("متنی با حداکثر {} نویسه", n(i64::from(*max))),
        Expected::Whole { min, max } if (*min, *max) == (i64::MIN, i64::MAX) => {
            "عددی صحیح، مانند ۱۲".to_owned()
        }
        Expected::Whole { min, max } => format!("عددی صحیح {}", range_fa(Some(*min), Some(*max))),
        Expected::Decimal { places, min, max } => {
            let range = range_fa(*min, *max);
            let gap = if range.is_empty() { "" } else { " " };
            format!("عددی{gap}{range} با حداکثر {} رقم اعشار", n(i64::from(*places)))
        }
        Expected::Amount => "مبلغ با واحد آن، مانند «۲/۵ میلیون تومان»".to_owned(),
        Expected::AmountObject => {
            "مبلغ به کوچک‌ترین واحد پول، مانند {\"amount\":\"1250000\",\"currency\":\"IRR\"}".to_owned()
        }
        Expected::Currency => "کد سه‌حرفی ارز، مانند IRR".to_owned(),
        Expected::TimeZone => "نام یک منطقهٔ زمانی، مانند Asia/Tehran".to_owned(),
        Expected::Boolean => "بله یا خیر".to_owned(),
        Expected::Date => "تاریخ، مانند ۱۴۰۵/۰۹/۰۱ یا 2026-11-22".to_owned(),
        Expected::IsoDate => "تاریخ میلادی به شکل 2026-11-22".to_owned(),
        Expected::DateTime => "تاریخ و ساعت، مانند «۱۴۰۵/۰۹/۰۱ ساعت ۱۲:۳۰»".to_owned(),
        Expected::Rfc3339 => "زمان به شکل 2026-11-22T08:30:00Z".to_owned(),
        Expected::Recurrence => "«هفتگی»، «هر دو ماه»، «هر شنبه» یا قاعده‌ای مانند FREQ=WEEKLY".to_owned(),
        Expected::OneOf(choices) => {
            let mut labels: Vec<String> = choices
                .iter()
                .take(CHOICES_SHOWN)
                .map(|c| format!("{} ({})", c.label.fa, c.key))
                .collect();
            if choices.len() > CHOICES_SHOWN {
                labels.push("…".to_owned());
            }
            format!("یکی از {}", labels.join("، "))
        }
        Expected::Email => "نشانی ایمیل، مانند name@example.com".to_owned(),
        Expected::Phone => "شمارهٔ تلفن، مانند ۰۹۱۲۱۲۳۴۵۶۷ یا ‎+442079460958".to_owned(),
        Expected::Url => "نشانی وب، مانند https://example.com".to_owned(),
        Expected::Id => "شناسهٔ یک رکورد".to_owned(),
        Expected::List { max } => format!("فهرستی با حداکثر {} مورد", n(i64::from(*max))),
        Expected::Parts(keys) => format!("یک متن، یا شیئی با کلیدهای {}", keys.join("، ")),
        Expected::OnePrimary => "تنها یک مورد اصلی".to_owned(),
        Expected::Json { depth, bytes } => {
            format!(
                "JSON با حداکثر {} لایه و {} بایت",
                n(i64::from(*depth)),
                n(i64::from(*bytes))
            )
        }
    })
}

fn expected_en(expected: &Expected) -> Option<String> {
    Some(match expected {
        Expected::Nothing | Expected::Because(_) => return None,
        Expected::SomeValue => "a value".to_owned(),
        Expected::Columns => {
            format!("keys of fields of these records with commas between and a width after a colon, such as {COLUMNS}")
        }
        Expected::Text { max } => format!("text of at most {max} characters"),
        Expected::Whole { min, max } if (*min, *max) == (i64::MIN, i64::MAX) => {
            "a whole number, such as 12".to_owned()
        }
        Expected::Whole { min, max } => format!("a whole number {}", range_en(Some(*min), Some(*max))),
        Expected::Decimal { places, min, max } => {
            let range = range_en(*min, *max);
            let gap = if range.is_empty() { "" } else { " " };
            format!("a number{gap}{range} with at most {places} decimal places")
        }
        Expected::Amount => "an amount with its unit, such as “2.5 million toman” or “1,250 EUR”".to_owned(),
        Expected::AmountObject => {
            "an amount in the smallest unit of its currency, such as {\"amount\":\"1250000\",\"currency\":\"IRR\"}"
                .to_owned()
        }
        Expected::Currency => "a currency code of three letters, such as IRR".to_owned(),
        Expected::TimeZone => "the name of a time zone, such as Asia/Tehran".to_owned(),
        Expected::Boolean => "true or false".to_owned(),
        Expected::Date => "a date, such as 2026-11-22 or 1405/09/01".to_owned(),
        Expected::IsoDate => "a Gregorian date in the form 2026-11-22".to_owned(),
        Expected::DateTime => "a date and time, such as 2026-11-22 12:30".to_owned(),
        Expected::Rfc3339 => "a point in time in the form 2026-11-22T08:30:00Z".to_owned(),
        Expected::Recurrence => "“weekly”, “every 2 months”, “every Saturday” or a rule such as FREQ=WEEKLY".to_owned(),
        Expected::OneOf(choices) => {
            let mut labels: Vec<String> =
                choices.iter().take(CHOICES_SHOWN).map(|c| format!("{} ({})", c.label.en, c.key)).collect();
            if choices.len() > CHOICES_SHOWN {
                labels.push("…".to_owned());
            }
            format!("one of {}", labels.join(", "))
        }
        Expected::Email => "an e-mail address, such as name@example.com".to_owned(),
        Expected::Phone => "a phone number, such as 09121234567 or +442079460958".to_owned(),
        Expected::Url => "a web address, such as https://example.com".to_owned(),
        Expected::Id => "the id of a record".to_owned(),
        Expected::List { max } => format!("a list of at most {max} entries"),
        Expected::Parts(keys) => format!("one text, or an object with the keys {}", keys.join(", ")),
        Expected::OnePrimary => "exactly one primary entry".to_owned(),
        Expected::Json { depth, bytes } => format!("JSON of at most {depth} levels and {bytes} bytes"),
    })
}

fn range_fa(min: Option<i64>, max: Option<i64>) -> String {
    let n = |v: i64| number(v, Language::Fa);
    match (min.filter(|&v| v != i64::MIN), max.filter(|&v| v != i64::MAX)) {
        (Some(a), Some(b)) => format!("از {} تا {}", n(a), n(b)),
        (Some(a), None) => format!("از {} به بالا", n(a)),
        (None, Some(b)) => format!("حداکثر {}", n(b)),
        (None, None) => String::new(),
    }
}

fn range_en(min: Option<i64>, max: Option<i64>) -> String {
    match (min.filter(|&v| v != i64::MIN), max.filter(|&v| v != i64::MAX)) {
        (Some(a), Some(b)) => format!("from {a} to {b}"),
        (Some(a), None) => format!("of at least {a}"),
        (None, Some(b)) => format!("of at most {b}"),
        (None, None) => String::new(),
    }
}
