//! The settings of a workspace, as its first administrator begins with them and as they are changed: what must hold of them,
//! through whichever door they come.

use std::sync::Arc;

use peyvand_calendar::{Calendar, zone};
use peyvand_catalog::Text;
use peyvand_i18n::{Args, Key, keys, text};
use peyvand_numbers::{Currency, Language};
use peyvand_record::codec::{Expected, FieldError, FieldErrorCode};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::workspace::{Settings, Workspace};

fn wrong(field: &str, label: Key, code: FieldErrorCode, value: &str, expected: Expected) -> FieldError {
    let label = Text {
        fa: text(Language::Fa, label, &Args::new()),
        en: text(Language::En, label, &Args::new()),
    };
    FieldError {
        label: Some(Box::new(label)),
        code,
        expected,
        ..FieldError::unknown(field, value)
    }
}

/// Where and how a firm works: what its first administrator says of it at the first start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firm {
    /// The language of its people.
    pub language: Language,
    /// Their calendar.
    pub calendar: Calendar,
    /// IANA time zone.
    pub time_zone: String,
    /// Code of the currency of sums.
    pub currency: String,
}

impl Firm {
    /// What a firm whose people read this language most probably is: in Iran, or somewhere else.
    #[must_use]
    pub fn of(language: Language) -> Self {
        let (calendar, time_zone, currency) = match language {
            Language::Fa => (Calendar::Jalali, "Asia/Tehran", "IRR"),
            Language::En => (Calendar::Gregorian, "UTC", "USD"),
        };
        Self {
            language,
            calendar,
            time_zone: time_zone.to_owned(),
            currency: currency.to_owned(),
        }
    }

    /// The settings of a workspace with what is said here.
    ///
    /// # Errors
    /// [`AppError::Invalid`] as from [`App::change_settings`].
    pub(crate) fn settings(&self, before: &Settings) -> Result<Settings, AppError> {
        let mut settings = before.clone();
        settings.language = self.language.tag().to_owned();
        settings.calendar = self.calendar.key().to_owned();
        settings.time_zone.clone_from(&self.time_zone);
        settings.base_currency.clone_from(&self.currency);
        let errors = settle(&mut settings);
        if errors.is_empty() {
            Ok(settings)
        } else {
            Err(AppError::Invalid(errors))
        }
    }
}

/// Puts the zone as its database writes it; what cannot be in settings.
fn settle(settings: &mut Settings) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if Currency::new(&settings.base_currency).is_err() {
        errors.push(wrong(
            "currency",
            keys::SETTINGS_CURRENCY,
            FieldErrorCode::UnknownCurrency,
            &settings.base_currency,
            Expected::Currency,
        ));
    }
    match zone::canonical(&settings.time_zone) {
        Some(zone) => settings.time_zone = zone,
        None => errors.push(wrong(
            "time_zone",
            keys::SETTINGS_ZONE,
            FieldErrorCode::UnknownZone,
            &settings.time_zone,
            Expected::TimeZone,
        )),
    }
    errors
}

impl App {
    /// Saves settings that somebody changed; everybody's session reads them anew.
    ///
    /// # Errors
    /// [`AppError::Invalid`] under the names that the interface has for the settings: `currency`, `time_zone`, and
    /// `codes_required` when whoever asks one-time codes of all has none: they could go nowhere but to their own account.
    pub async fn change_settings(
        &self,
        caller: &Caller,
        settings: &Settings,
    ) -> Result<Arc<Workspace>, AppError> {
        let w = &caller.workspace;
        let mut settings = settings.clone();
        let mut errors = settle(&mut settings);
        let asked = settings.codes_required && !self.fresh_settings(w).await?.codes_required;
        if asked && !self.has_codes(caller).await? {
            errors.push(wrong(
                "codes_required",
                keys::SETTINGS_CODES_REQUIRED,
                FieldErrorCode::OwnCodesFirst,
                "",
                Expected::Nothing,
            ));
        }
        if !errors.is_empty() {
            return Err(AppError::Invalid(errors));
        }
        let fresh = self.save_settings(caller, &settings).await?;
        self.forget_sessions();
        Ok(fresh)
    }

    /// Has the person one-time codes? Who has no account, as a program, signs in nowhere.
    async fn has_codes(&self, caller: &Caller) -> Result<bool, AppError> {
        let account = self
            .account_of_user(caller.workspace.id, caller.actor.id())
            .await?;
        Ok(match account {
            Some(account) => self.account(account).await?.totp.is_some(),
            None => false,
        })
    }
}
