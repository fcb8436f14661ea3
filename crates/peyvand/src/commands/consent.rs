//! `peyvand consent show|grant|withdraw`.

use std::sync::Arc;

use anyhow::Result;
use clap::Subcommand;
use peyvand_app::consent::{Wish, refusal_sentence};
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, AppError, Caller};
use peyvand_calendar::{Calendar, zone};
use peyvand_core::{Id, Via};
use peyvand_domain::consent::{Basis, Channel, Matter, Proof, Source, Word};
use peyvand_i18n::{Args, Key, keys};
use peyvand_numbers::Language;
use peyvand_store::SearchFor;
use serde_json::json;

use super::admin::{sentence, workspace};
use crate::instance::Place;
use crate::terminal::{Told, told, word};
use crate::{say, terminal};

/// Whom and what it is about.
#[derive(Debug, clap::Args)]
pub(crate) struct About {
    /// The contact: its id, e-mail address or telephone number.
    contact: String,
    /// Channel: `email`, `sms`, `phone`, `messenger`, `social`, `post`, `fax`, `push`, `web`.
    #[arg(long)]
    channel: Option<String>,
    /// Purpose: `service`, `advertising`, `newsletter`, `survey`, `tracking`, `profiling`, `recording`, `sharing`.
    #[arg(long)]
    purpose: Option<String>,
    /// One address only; else all of the channel.
    #[arg(long)]
    address: Option<String>,
    /// Where it was said: `staff`, `phone`, `paper`, `form`, `reply`, `unsubscribe`, `preference`, `complaint` …
    #[arg(long, default_value = "staff")]
    source: String,
    /// When it was said, RFC 3339; now, when it is left out.
    #[arg(long)]
    at: Option<String>,
    /// Anything that can be looked up: the number of a paper, of a call.
    #[arg(long)]
    proof: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what is allowed with a person, and why not.
    Show {
        /// The contact: its id, e-mail address or telephone number.
        contact: String,
        /// Everything that was ever said, too.
        #[arg(long)]
        history: bool,
    },
    /// Record a yes. It needs its proof: `--text` or `--proof`.
    Grant {
        #[command(flatten)]
        about: About,
        /// The exact text that the person agreed to.
        #[arg(long)]
        text: Option<String>,
        /// Until when it holds, RFC 3339.
        #[arg(long)]
        expires: Option<String>,
    },
    /// Record a no. Without a channel and a purpose it is a no to everything; no proof is needed.
    Withdraw {
        #[command(flatten)]
        about: About,
    },
}

fn told_of(key: Key, name: &'static str, given: &str) -> anyhow::Error {
    Told::of(key, &Args::new().text(name, given))
}

/// The one contact that a person names.
async fn find(app: &App, caller: &Caller, named: &str) -> Result<Id> {
    if let Ok(id) = named.parse() {
        return Ok(id);
    }
    let w = &caller.workspace;
    let found = app
        .store
        .search(
            w.id,
            &w.layout,
            &caller.policy,
            &SearchFor {
                object: "contact",
                text: named,
                filter: None,
                fields: Some(&[]),
                limit: 2,
            },
        )
        .await
        .map_err(|e| sentence(&AppError::from(e)))?;
    match found.records.as_slice() {
        [one] => Ok(one.id()),
        [] => Err(told_of(keys::CLI_CONSENT_NOBODY, "name", named)),
        _ => Err(told_of(keys::CLI_CONSENT_SEVERAL, "name", named)),
    }
}

fn wish(app: &App, about: &About, word: Word) -> Result<Wish> {
    let when = |t: &str| t.parse().map_err(|_| told_of(keys::CLI_CONSENT_TIME, "time", t));
    let closing = word == Word::Withdrawn;
    let channel = match about.channel.as_deref() {
        Some(c) => Some(Channel::find(c).ok_or_else(|| told_of(keys::CLI_NO_CHANNEL, "name", c))?),
        None if closing => None,
        None => return Err(Told::of(keys::CLI_CONSENT_ONE_CHANNEL, &Args::new())),
    };
    let matter = match about.purpose.as_deref() {
        Some(p) => Matter::find(p).ok_or_else(|| told_of(keys::CLI_NO_PURPOSE, "name", p))?,
        None if closing => Matter::Every,
        None => return Err(Told::of(keys::CLI_CONSENT_ONE_PURPOSE, &Args::new())),
    };
    let mut proof = Proof::of(
        Source::find(&about.source).ok_or_else(|| told_of(keys::CLI_NO_SOURCE, "name", &about.source))?,
        match about.at.as_deref() {
            Some(t) => when(t)?,
            None => app.clock.now(),
        },
    );
    proof.basis = Basis::Consent;
    proof.reference = about.proof.clone();
    Ok(Wish {
        channel,
        matter,
        word,
        address: about.address.clone(),
        proof,
    })
}

async fn show(
    app: &App,
    w: &Arc<Workspace>,
    caller: &Caller,
    id: Id,
    history: bool,
    json: bool,
) -> Result<()> {
    let p = app.permissions(caller, id).await.map_err(|e| sentence(&e))?;
    let lines = if history {
        app.consent_history(caller, id).await.map_err(|e| sentence(&e))?
    } else {
        Vec::new()
    };
    let zone = zone::zone(&w.settings.time_zone).unwrap_or_else(zone::tehran);
    let language = terminal::language();
    let calendar = match language {
        Language::Fa => Calendar::Jalali,
        Language::En => Calendar::Gregorian,
    };
    let why = |r| refusal_sentence(r, language, calendar, &zone);
    if json {
        let uses: Vec<_> = p
            .cells
            .iter()
            .map(|c| {
                json!({"channel": c.channel.key(), "purpose": c.purpose.key(), "allowed": c.refusal.is_none(),
                       "state": c.state.key(), "address": c.address,
                       "reason": c.refusal.as_ref().map(|r| json!({"code": r.reason.key(), "detail": why(r)}))})
            })
            .collect();
        let said: Vec<_> = lines
            .iter()
            .map(|l| {
                json!({"id": l.entry.id.to_string(), "channel": l.entry.scope.channel_key(),
                       "purpose": l.entry.scope.matter.key(), "verdict": l.entry.word.key(),
                       "at": l.entry.proof.at.to_string(), "address": l.address, "source": l.entry.proof.source.key()})
            })
            .collect();
        say!(
            "{}",
            json!({"contact": id.to_string(), "restricted": p.restricted.is_some(), "uses": uses, "history": said})
        );
        return Ok(());
    }
    if let Some(mark) = p.restricted {
        let args = Args::new().text("at", mark.at.to_string());
        say!("{}", told(keys::CLI_CONSENT_RESTRICTED, &args));
    }
    for c in &p.cells {
        let verdict = match (&c.refusal, &c.address) {
            (Some(r), _) => format!("{:<4} {}", word(keys::CLI_CONSENT_NO), why(r)),
            (None, Some(a)) => format!("{:<4} {a}", word(keys::CLI_CONSENT_YES)),
            (None, None) => word(keys::CLI_CONSENT_YES),
        };
        say!("{:<10} {:<12} {verdict}", c.channel.key(), c.purpose.key());
    }
    for l in &lines {
        let about = match (&l.address, l.person) {
            (Some(a), _) => a.clone(),
            (None, true) => word(keys::CLI_CONSENT_PERSON),
            (None, false) => word(keys::CLI_CONSENT_ADDRESS_GONE),
        };
        say!(
            "{}  {:<10} {:<10} {:<12} {:<12} {about}",
            l.entry.proof.at,
            l.entry.word.key(),
            l.entry.scope.channel_key(),
            l.entry.scope.matter.key(),
            l.entry.proof.source.key(),
        );
    }
    Ok(())
}

/// Runs it.
pub(crate) async fn run(command: Command, place: &Place) -> Result<()> {
    let app = place.open_existing().await?;
    let w = workspace(&app, place).await?;
    let caller = Caller::system(&w, Via::Cli);
    let (named, wish) = match &command {
        Command::Show { contact, .. } => (contact, None),
        Command::Grant { about, text, expires } => {
            let mut wish = wish(&app, about, Word::Granted)?;
            wish.proof.text_shown.clone_from(text);
            wish.proof.expires_at = match expires.as_deref() {
                Some(t) => Some(
                    t.parse()
                        .map_err(|_| told_of(keys::CLI_CONSENT_TIME, "time", t))?,
                ),
                None => None,
            };
            (&about.contact, Some(wish))
        }
        Command::Withdraw { about } => (&about.contact, Some(wish(&app, about, Word::Withdrawn)?)),
    };
    let id = find(&app, &caller, named).await?;
    match wish {
        None => {
            let history = matches!(command, Command::Show { history: true, .. });
            show(&app, &w, &caller, id, history, place.json).await?;
        }
        Some(wish) => {
            let done = app
                .record_consent(&caller, id, &wish, None)
                .await
                .map_err(|e| sentence(&e))?;
            let ids: Vec<String> = done.entries.iter().map(ToString::to_string).collect();
            if place.json {
                say!("{}", json!({"entries": ids, "verdict": done.word.key()}));
            } else {
                let args = Args::new()
                    .text("verdict", done.word.key())
                    .number("count", ids.len() as i64);
                say!("{}", told(keys::CLI_CONSENT_RECORDED, &args));
            }
        }
    }
    place.close(&app).await;
    Ok(())
}
