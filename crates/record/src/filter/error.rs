//! What is wrong with a filter, in both languages.

use peyvand_numbers::{Language, digits};

use crate::codec::shorten;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident, $key:literal, $fa:literal, $en:literal;)*) => {
        /// What is wrong with a filter. Each has a stable [key](FilterErrorCode::key).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FilterErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl FilterErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable key: kebab-case.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            const fn fa(self) -> &'static str {
                match self { $(Self::$name => $fa,)* }
            }

            const fn en(self) -> &'static str {
                match self { $(Self::$name => $en,)* }
            }
        }
    };
}

codes! {
    /// A part of a text that is longer than what is kept to find parts by.
    TextTooLong, "filter-text-too-long", "متن برای جست‌وجو در میان مقدارها بلندتر از ۵۱۲ بایت است", "the text is longer than the 512 bytes that are looked for within values";
    /// More than 8 KiB.
    TooLong, "filter-too-long", "فیلتر از ۸ کیلوبایت بلندتر است", "the filter is longer than 8 KiB";
    /// Brackets, NOT, relations and functions nested more than eight deep.
    TooDeep, "filter-too-deep", "فیلتر بیش از ۸ لایه تودرتو دارد", "the filter is nested more than eight deep";
    /// More than a hundred comparisons and values.
    TooManyTerms, "filter-too-many-terms", "فیلتر بیش از ۱۰۰ شرط یا مقدار دارد", "the filter has more than 100 conditions or values";
    /// A quoted text without its end.
    OpenQuote, "filter-open-quote", "گیومهٔ باز بسته نشده است", "a quotation is not closed";
    /// A bracket without its end.
    OpenBracket, "filter-open-bracket", "پرانتز باز بسته نشده است", "a bracket is not closed";
    /// Something that does not belong there.
    Unexpected, "filter-unexpected", "اینجا چیز دیگری لازم است", "something else is needed here";
    /// A condition is missing.
    ConditionMissing, "filter-condition-missing", "اینجا یک شرط لازم است، مانند city = \"تهران\"", "a condition is needed here, such as city = \"Tehran\"";
    /// An operator is missing.
    OperatorMissing, "filter-operator-missing", "پس از نام فیلد یک عملگر لازم است: = != < <= > >= : ^ in", "an operator is needed after the field: = != < <= > >= : ^ in";
    /// A value is missing.
    ValueMissing, "filter-value-missing", "پس از عملگر یک مقدار لازم است", "a value is needed after the operator";
    /// AND and OR side by side.
    MixedAndOr, "filter-mixed-and-or", "AND و OR کنار هم بدون پرانتز دو معنا دارد؛ پرانتز بگذارید", "AND and OR together without brackets can mean two things; add brackets";
    /// No such field, or one that the asker may not see.
    UnknownField, "filter-unknown-field", "چنین فیلدی نیست", "there is no such field";
    /// The field cannot be filtered by.
    NotFilterable, "filter-not-filterable", "با این فیلد نمی‌توان فیلتر کرد", "this field cannot be filtered by";
    /// The operator does not fit the field.
    WrongOperator, "filter-wrong-operator", "این عملگر برای این فیلد معنا ندارد", "this operator does not fit this field";
    /// The value does not fit the field.
    WrongValue, "filter-wrong-value", "این مقدار با نوع فیلد نمی‌خواند", "this value does not fit the field";
    /// The value can be read in several ways.
    AmbiguousValue, "filter-ambiguous-value", "این مقدار را چند جور می‌توان خواند", "this value can be read in more than one way";
    /// Nothing is left of the text to compare with.
    EmptyText, "filter-empty-text", "متنی برای مقایسه نمانده است؛ برای نبودنِ مقدار null بنویسید", "there is no text to compare with; write null for no value";
    /// No such function.
    UnknownFunction, "filter-unknown-function", "چنین تابعی نیست", "there is no such function";
    /// The arguments do not fit the function.
    WrongArguments, "filter-wrong-arguments", "ورودی‌های تابع درست نیست", "the arguments do not fit the function";
    /// A relation where a field is needed.
    RelationNeedsFunction, "filter-relation-needs-function", "برای این رابطه any(…)، count(…) یا sum(…) لازم است", "this relation needs any(…), count(…) or sum(…)";
    /// A sum or count that is not compared with a fitting number.
    WrongAggregate, "filter-wrong-aggregate", "شمارش و جمع را با یک عدد مقایسه کنید؛ جمع تنها برای فیلد عددی و به ارز پایه است", "compare a count or sum with a number; sums are for numeric fields, and amounts in the base currency";
    /// No tag of this name.
    UnknownTag, "filter-unknown-tag", "چنین برچسبی نیست", "there is no such tag";
    /// The function needs a user, and the program itself asks.
    NoUser, "filter-no-user", "این تابع کاربر می‌خواهد", "this function needs a user";
}

/// A filter that was refused: where, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} at {position}: {found}", self.code.key())]
pub struct FilterError {
    /// What is wrong.
    pub code: FilterErrorCode,
    /// Where: characters (Unicode scalar values) from the beginning, counted from 0.
    pub position: u32,
    /// What stands there, or the name at fault, cut to 80 characters; may be empty.
    pub found: String,
    /// What would have been right, where that is a list: operators, functions, choices.
    pub expected: Box<[String]>,
}

impl FilterError {
    pub(super) fn new(code: FilterErrorCode, position: u32, found: &str) -> Self {
        Self {
            code,
            position,
            found: shorten(found),
            expected: Box::default(),
        }
    }

    pub(super) fn expecting<S: Into<String>>(mut self, expected: impl IntoIterator<Item = S>) -> Self {
        self.expected = expected.into_iter().map(Into::into).collect();
        self
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code.key()
    }

    /// The message in a language, with the place counted from 1.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let place = digits::show(&(u64::from(self.position) + 1).to_string(), language.digits()).into_owned();
        let (what, place, found, expected) = match language {
            Language::Fa => (self.code.fa(), format!(" (نویسهٔ {place})"), "«", "؛ ممکن‌ها: "),
            Language::En => (
                self.code.en(),
                format!(" (character {place})"),
                "“",
                "; possible: ",
            ),
        };
        let mut out = format!("{what}{place}");
        if !self.found.is_empty() {
            out.push_str(": ");
            out.push_str(found);
            out.push_str(&self.found);
            out.push_str(if language == Language::Fa { "»" } else { "”" });
        }
        if !self.expected.is_empty() {
            out.push_str(expected);
            out.push_str(
                &self
                    .expected
                    .join(if language == Language::Fa { "، " } else { ", " }),
            );
        }
        out
    }

    /// The message in Persian.
    #[must_use]
    pub fn message_fa(&self) -> String {
        self.message(Language::Fa)
    }

    /// The message in English.
    #[must_use]
    pub fn message_en(&self) -> String {
        self.message(Language::En)
    }
}
