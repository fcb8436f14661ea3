//! What the program says to its own users: a closed list of notices, to the address of an account, in the words of the
//! product. It needs no consent, and it is no way around it.

use peyvand_catalog::handles::{message as msg, user};
use peyvand_channels::{Notice, Status};
use peyvand_core::{Id, Via};
use peyvand_domain::consent::{Channel, Formality};
use peyvand_i18n::{Args, keys, text};
use peyvand_numbers::Language;
use peyvand_record::Value;
use peyvand_record::policy::Policy;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use std::sync::Arc;

use crate::workspace::Workspace;

impl App {
    /// Queues a notice to a user by e-mail, in their language. `link` is where it leads to, where it leads somewhere.
    ///
    /// # Errors
    /// `NotFound` when there is no such user.
    pub async fn notify_user(
        &self,
        workspace: &Arc<Workspace>,
        user_id: Id,
        notice: Notice,
        link: &str,
    ) -> Result<Id, AppError> {
        let caller = Caller::system(workspace, Via::Job);
        let account = self
            .any(workspace, user::OBJECT, user_id)
            .await?
            .filter(|u| !u.is_deleted())
            .ok_or(AppError::NotFound)?;
        let spoken = account
            .get(user::LANGUAGE)
            .as_str()
            .map_or_else(|| workspace.settings.language.clone(), str::to_owned);
        let language = if spoken == "en" {
            Language::En
        } else {
            Language::Fa
        };
        let (subject, body) = match notice {
            Notice::SignInLink => (keys::NOTICE_SIGN_IN_SUBJECT, keys::NOTICE_SIGN_IN_BODY),
            Notice::PasswordChanged => (keys::NOTICE_PASSWORD_SUBJECT, keys::NOTICE_PASSWORD_BODY),
            Notice::JobEnded => (keys::NOTICE_JOB_SUBJECT, keys::NOTICE_JOB_BODY),
        };
        let args = Args::new()
            .text("workspace", workspace.name.clone())
            .text("link", link);
        let context = self.context(&caller);
        let values = vec![
            (msg::SUBJECT, Value::text(text(language, subject, &args))),
            (msg::BODY, Value::text(text(language, body, &args))),
            (msg::CHANNEL, Value::Choice(Channel::Email.key().into())),
            (msg::PURPOSE, Value::Choice("account".into())),
            (msg::STATUS, Value::Choice(Status::Queued.key().into())),
            (msg::USER_ID, Value::Id(user_id)),
            (msg::NOTICE, Value::text(notice.key())),
            (msg::FORMALITY, Value::Choice(Formality::Formal.key().into())),
            (msg::QUEUED_AT, Value::Instant(context.now)),
            (msg::EPOCH, Value::Int(self.epoch().await?)),
        ];
        let (record, batch) = self.new_message(&caller, &context, values, None)?;
        let all = Policy::all(caller.actor);
        self.store
            .apply(&context, &workspace.layout, &all, &batch)
            .await?;
        Ok(record.id())
    }
}
