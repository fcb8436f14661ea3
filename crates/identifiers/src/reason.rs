//! The verdict on an identifier, and the reason in both languages.

use peyvand_numbers::Language;

/// What is thought of an identifier. Only [`Verdict::Invalid`] says that it cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Follows all the rules that are known.
    Valid,
    /// Unusual, and yet it may be right: to be saved, with the reason shown.
    Warning,
    /// Cannot be right.
    Invalid,
}

/// An identifier in its normalised form, with the verdict.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Checked {
    /// The form to store and to compare. For an invalid identifier: what could be read of it, or the trimmed input.
    pub normalised: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, unless it is valid.
    pub reason: Option<Reason>,
}

impl Checked {
    pub(crate) fn valid(normalised: impl Into<String>) -> Self {
        Self {
            normalised: normalised.into(),
            verdict: Verdict::Valid,
            reason: None,
        }
    }

    pub(crate) fn warning(normalised: impl Into<String>, reason: Reason) -> Self {
        Self {
            normalised: normalised.into(),
            verdict: Verdict::Warning,
            reason: Some(reason),
        }
    }

    pub(crate) fn invalid(normalised: impl Into<String>, reason: Reason) -> Self {
        Self {
            normalised: normalised.into(),
            verdict: Verdict::Invalid,
            reason: Some(reason),
        }
    }

    /// Whether the identifier may be stored: valid, or with a warning.
    #[must_use]
    pub fn is_acceptable(&self) -> bool {
        self.verdict != Verdict::Invalid
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident, $code:literal, $fa:literal, $en:literal;)*) => {
        /// Why an identifier is not simply valid. Each has a stable [code](Reason::code) and its text in both
        /// languages.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            /// All reasons, for catalogs and help pages.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable key of the message.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The reason in Persian.
            #[must_use]
            pub const fn fa(self) -> &'static str {
                match self { $(Self::$name => $fa,)* }
            }

            /// The reason in English.
            #[must_use]
            pub const fn en(self) -> &'static str {
                match self { $(Self::$name => $en,)* }
            }
        }
    };
}

reasons! {
    /// Nothing was given.
    Empty, "id-empty", "مقداری وارد نشده است.", "Nothing was entered.";
    /// A character that this kind of identifier does not have.
    UnexpectedCharacter, "id-unexpected-character", "نویسه‌ای دارد که در این شناسه به کار نمی‌رود.", "It has a character that does not belong in it.";
    /// Too few characters.
    TooShort, "id-too-short", "کوتاه‌تر از اندازهٔ لازم است.", "It is too short.";
    /// Too many characters.
    TooLong, "id-too-long", "بلندتر از اندازهٔ لازم است.", "It is too long.";
    /// The check digit does not fit.
    CheckDigit, "id-check-digit", "رقم کنترل درست نیست؛ احتمالاً یکی از رقم‌ها اشتباه وارد شده است.", "The check digit does not fit; a digit was probably mistyped.";
    /// All digits are the same.
    Repeated, "id-repeated", "همهٔ رقم‌ها یکسان است.", "All its digits are the same.";
    /// The part that counts persons or companies is all zeros.
    ZeroSerial, "id-zero-serial", "بخش میانی شناسه صفر است.", "Its middle part is all zeros.";
    /// A twelve-digit economic code of the older kind.
    OldEconomicCode, "id-old-economic-code", "کد اقتصادی ۱۲رقمی قدیمی است؛ اکنون شناسهٔ ملی شرکت یا شمارهٔ ۱۴رقمی به کار می‌رود.", "This is an old 12-digit economic code; companies now use their 11-digit legal id and persons a 14-digit number.";
    /// An economic code of another length.
    EconomicLength, "id-economic-length", "شمارهٔ اقتصادی ۱۱ یا ۱۴ رقم دارد.", "An economic number has 11 or 14 digits.";
    /// A foreigner's id of an unusual length.
    ForeignerLength, "id-foreigner-length", "شناسهٔ فراگیر اتباع خارجی معمولاً ۸ تا ۱۶ رقم دارد.", "A foreign national's id usually has 8 to 16 digits.";
    /// A registration number of an unusual form.
    RegistrationForm, "id-registration-form", "شمارهٔ ثبت معمولاً ۱ تا ۱۰ رقم دارد.", "A registration number usually has 1 to 10 digits.";
    /// A postal code that does not follow the common pattern.
    PostalPattern, "id-postal-pattern", "کد پستی با الگوی رایج ایران نمی‌خواند؛ آن را دوباره بررسی کنید.", "The postal code does not follow the usual Iranian pattern; please check it.";
    /// A Sheba that does not begin with IR.
    ShebaCountry, "id-sheba-country", "شمارهٔ شبا با IR آغاز می‌شود.", "A Sheba number begins with IR.";
    /// An account number of a bank that is not in the list.
    UnknownBank, "id-unknown-bank", "بانک این شماره در فهرست بانک‌ها نیست.", "The bank of this number is not in the list of banks.";
    /// A card with a right check digit, and yet not of an Iranian bank.
    ForeignCard, "id-foreign-card", "این کارت را بانکی ایرانی صادر نکرده است.", "This card was not issued by an Iranian bank.";
    /// A national number without area code.
    AreaCodeMissing, "phone-area-code-missing", "کد شهر وارد نشده است.", "The area code is missing.";
    /// An area code that is not in the list.
    AreaCodeUnknown, "phone-area-code-unknown", "این کد شهر در فهرست کدها نیست.", "The area code is not in the list.";
    /// A number that fits no known form.
    PhoneForm, "phone-form", "این شماره با شکل هیچ شمارهٔ تلفنی نمی‌خواند.", "This does not look like a phone number.";
    /// No country has this calling code.
    CallingCode, "phone-calling-code", "هیچ کشوری این پیش‌شماره را ندارد.", "No country has this calling code.";
    /// A national number, and no country to read it in.
    RegionMissing, "phone-region-missing", "کشور شماره معلوم نیست؛ آن را با + و کد کشور بنویسید.", "The country of the number is not known; write it with + and the country code.";
    /// The number does not follow the numbering plan of its country.
    NumberingPlan, "phone-numbering-plan", "این شماره با طرح شماره‌گذاری کشورش نمی‌خواند.", "The number does not follow the numbering plan of its country.";
    /// No @.
    EmailNoAt, "email-no-at", "نشانی ایمیل «@» ندارد.", "The e-mail address has no @.";
    /// The part before the @.
    EmailLocal, "email-local", "بخش پیش از «@» درست نیست.", "The part before the @ is not right.";
    /// The part after the @.
    EmailDomain, "email-domain", "دامنهٔ نشانی (بخش پس از «@») درست نیست.", "The domain, after the @, is not right.";
    /// Letters before the @ that not every mail server takes.
    EmailInternational, "email-international", "پیش از «@» نویسهٔ غیرلاتین دارد و همهٔ کارسازهای ایمیل آن را نمی‌پذیرند.", "It has non-Latin letters before the @, which not all mail servers accept.";
    /// A domain one keystroke away from a well-known one.
    EmailTypo, "email-typo", "دامنه به اشتباهِ تایپیِ یک سرویس شناخته‌شده می‌ماند.", "The domain looks like a mistyped well-known service.";
    /// Not a web address.
    UrlForm, "url-form", "نشانی وب درست نیست.", "This is not a web address.";
    /// A scheme other than http and https.
    UrlScheme, "url-scheme", "تنها نشانی‌های http و https پذیرفته می‌شود.", "Only http and https addresses are accepted.";
    /// A name and password inside the address.
    UrlCredentials, "url-credentials", "نشانی وب نباید نام کاربری یا گذرواژه داشته باشد.", "A web address must not carry a user name or password.";
    /// The bill id does not name a known service.
    BillService, "bill-service", "نوع خدمت این قبض شناخته نشد.", "The service of this bill is not known.";
    /// The check digit over bill and payment together does not fit.
    BillPair, "bill-pair", "شناسهٔ پرداخت از آنِ این شناسهٔ قبض نیست.", "The payment id does not belong to this bill id.";
    /// A tax memory id is not six letters or digits.
    TaxMemory, "tax-memory", "شناسهٔ حافظهٔ مالیاتی ۶ حرف یا رقم لاتین دارد.", "A tax memory id has 6 Latin letters or digits.";
    /// Day or serial outside the range of a tax id.
    TaxRange, "tax-range", "تاریخ یا شمارهٔ سریال در شمارهٔ مالیاتی نمی‌گنجد.", "The date or the serial does not fit in a tax id.";
}

impl Reason {
    /// The reason in the given language.
    #[must_use]
    pub const fn text(self, language: Language) -> &'static str {
        match language {
            Language::Fa => self.fa(),
            Language::En => self.en(),
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.en())
    }
}

impl std::error::Error for Reason {}

impl From<crate::scan::Scan> for Reason {
    fn from(s: crate::scan::Scan) -> Self {
        match s {
            crate::scan::Scan::Unexpected => Self::UnexpectedCharacter,
            crate::scan::Scan::TooLong => Self::TooLong,
        }
    }
}
