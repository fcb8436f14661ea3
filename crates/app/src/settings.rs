//! Changing the settings of a workspace: what must hold of them, through whichever door they come.

use std::sync::Arc;

use peyvand_calendar::zone;
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
        if zone::zone(&settings.time_zone).is_none() {
            errors.push(wrong(
                "time_zone",
                keys::SETTINGS_ZONE,
                FieldErrorCode::UnknownZone,
                &settings.time_zone,
                Expected::TimeZone,
            ));
        }
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
        let fresh = self.save_settings(caller, settings).await?;
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
