//! Permission on the pages: a card on the page of a contact, and a page where what they said is recorded and read.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use peyvand_app::consent::{HistoryLine, Permissions, Wish, refusal_sentence};
use peyvand_app::{App, AppError, reading};
use peyvand_catalog::handles::consent_entry as ce;
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::Id;
use peyvand_domain::consent::{
    Channel, ConsentError, Matter, Proof, Purpose, Source, State as Standing, Word,
};
use peyvand_i18n::{Args, Key, keys};
use serde::Deserialize;

use crate::door::{Visitor, say};
use crate::form::id_of;
use crate::shell::{Answer, Chrome, html};

/// A use on the page.
struct Use {
    purpose: String,
    channel: String,
    purpose_key: &'static str,
    channel_key: &'static str,
    label: String,
    color: &'static str,
    why: String,
    may_withdraw: bool,
}

/// A channel with its uses.
struct Way {
    label: String,
    addresses: Vec<String>,
    uses: Vec<Use>,
}

/// An entry of the history.
struct Line {
    when: String,
    exact: String,
    word: String,
    color: String,
    about: String,
    scope: String,
    source: String,
    by: String,
    text: String,
    facts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "consent_card.html")]
struct Card {
    title: String,
    manage: String,
    address: String,
    restricted: String,
    empty: String,
    ways: Vec<Way>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage {
    c: Chrome,
    back: String,
    action: String,
    title: String,
    restricted: String,
    /// The channels with their addresses.
    ways: Vec<(String, Vec<String>)>,
    /// The purposes, each with its use of every channel.
    rows: Vec<(String, Vec<Use>)>,
    history: Vec<Line>,
    may_record: bool,
    problem: String,
    given: Given,
    words: Vec<(&'static str, String)>,
    channels: Vec<(&'static str, String)>,
    purposes: Vec<(&'static str, String)>,
    sources: Vec<(&'static str, String)>,
    addresses: Vec<String>,
}

/// What the form holds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    verdict: String,
    channel: String,
    purpose: String,
    address: String,
    source: String,
    text_shown: String,
    proof: String,
    form_url: String,
}

/// The ledger's object and its choices in the reader's language.
struct Words<'a> {
    object: &'a ObjectDef,
    visitor: &'a Visitor,
}

impl Words<'_> {
    fn of(&self, field: FieldIx, key: &str) -> String {
        self.choice(field, key).map_or_else(
            || key.to_owned(),
            |c| {
                if self.visitor.view.dir() == "rtl" {
                    c.fa.clone()
                } else {
                    c.en.clone()
                }
            },
        )
    }

    fn color(&self, field: FieldIx, key: &str) -> String {
        self.choice(field, key)
            .and_then(|c| c.color.clone())
            .unwrap_or_else(|| "clay".to_owned())
    }

    fn choice(&self, field: FieldIx, key: &str) -> Option<&peyvand_catalog::Choice> {
        self.object.at(field)?.choices.iter().find(|c| c.key == key)
    }

    fn options(
        &self,
        field: FieldIx,
        keys: impl IntoIterator<Item = &'static str>,
    ) -> Vec<(&'static str, String)> {
        keys.into_iter().map(|k| (k, self.of(field, k))).collect()
    }
}

const fn state_key(state: Standing) -> Key {
    match state {
        Standing::Unknown => keys::CONSENT_STATE_UNKNOWN,
        Standing::Granted => keys::CONSENT_STATE_GRANTED,
        Standing::Pending => keys::CONSENT_STATE_PENDING,
        Standing::Denied => keys::CONSENT_STATE_DENIED,
        Standing::Withdrawn => keys::CONSENT_STATE_WITHDRAWN,
        Standing::Expired => keys::CONSENT_STATE_EXPIRED,
        Standing::Blocked => keys::CONSENT_STATE_BLOCKED,
    }
}

fn ways(visitor: &Visitor, words: &Words<'_>, p: &Permissions, of: &[Purpose]) -> Vec<Way> {
    let v = &visitor.view;
    p.addresses
        .iter()
        .map(|(channel, addresses)| Way {
            label: words.of(ce::CHANNEL, channel.key()),
            addresses: addresses.clone(),
            uses: p
                .cells
                .iter()
                .filter(|c| c.channel == *channel && of.contains(&c.purpose))
                .map(|c| {
                    let allowed = c.refusal.is_none();
                    let label = match (allowed, c.state) {
                        (true, Standing::Unknown) => keys::CONSENT_NO_NEED,
                        (_, state) => state_key(state),
                    };
                    let color = match (allowed, c.state) {
                        (true, _) => "pistachio",
                        (false, Standing::Unknown) => "clay",
                        (false, Standing::Pending) => "saffron",
                        (false, _) => "anar",
                    };
                    Use {
                        purpose: words.of(ce::PURPOSE, c.purpose.key()),
                        channel: words.of(ce::CHANNEL, c.channel.key()),
                        purpose_key: c.purpose.key(),
                        channel_key: c.channel.key(),
                        label: v.t(label),
                        color,
                        why: c.refusal.as_ref().map_or_else(
                            || v.t(keys::CONSENT_ALLOWED),
                            |r| refusal_sentence(r, v.language, v.calendar, &v.zone),
                        ),
                        may_withdraw: allowed,
                    }
                })
                .collect(),
        })
        .collect()
}

fn ledger(visitor: &Visitor) -> Result<&ObjectDef, AppError> {
    visitor
        .session
        .caller
        .workspace
        .catalog()
        .object(ce::OBJECT)
        .map(AsRef::as_ref)
        .ok_or(AppError::NotFound)
}

fn restricted(visitor: &Visitor, p: &Permissions) -> String {
    let v = &visitor.view;
    p.restricted.map_or_else(String::new, |m| {
        v.with(
            keys::CONSENT_RESTRICTED,
            &Args::new().date("when", v.instant(m.at)),
        )
    })
}

/// The card on the page of a contact; empty for other objects.
pub(crate) async fn card(app: &App, visitor: &Visitor, object: &str, id: Id) -> Result<String, AppError> {
    const SHOWN: &[Purpose] = &[
        Purpose::Service,
        Purpose::Newsletter,
        Purpose::Advertising,
        Purpose::Survey,
    ];
    if object != "contact" {
        return Ok(String::new());
    }
    let p = app.permissions(&visitor.session.caller, id).await?;
    let words = Words {
        object: ledger(visitor)?,
        visitor,
    };
    let v = &visitor.view;
    let card = Card {
        title: v.t(keys::CONSENT_TITLE),
        manage: v.t(keys::CONSENT_MANAGE),
        address: format!("/contacts/{id}/consent"),
        restricted: restricted(visitor, &p),
        empty: v.t(keys::CONSENT_NO_CHANNELS),
        ways: ways(visitor, &words, &p, SHOWN),
    };
    Ok(card.render().unwrap_or_else(|e| {
        tracing::error!("the card of permissions could not be rendered: {e}");
        String::new()
    }))
}

/// The line of an entry on a timeline: «رضایت‌نامه: ایمیل · خبرنامه، پس گرفته شد».
pub(crate) fn headline(visitor: &Visitor, entry: &peyvand_record::Record) -> String {
    let Ok(object) = ledger(visitor) else {
        return String::new();
    };
    let words = Words { object, visitor };
    let part = |ix| words.of(ix, entry.get(ix).as_str().unwrap_or_default());
    visitor.view.with(
        keys::CONSENT_HAPPENED,
        &Args::new()
            .text("channel", part(ce::CHANNEL))
            .text("purpose", part(ce::PURPOSE))
            .text("verdict", part(ce::VERDICT)),
    )
}

/// Consent is about people: other objects have no such page.
fn contact_of(visitor: &Visitor, plural: &str, key: &str) -> Result<Id, Response> {
    if plural == "contacts" {
        id_of(visitor, key)
    } else {
        Err(visitor.fail()(AppError::NotFound))
    }
}

/// The page of a person's permissions.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
) -> Answer {
    let id = contact_of(&visitor, &plural, &key)?;
    let given = Given {
        verdict: "granted".to_owned(),
        purpose: "newsletter".to_owned(),
        source: "staff".to_owned(),
        ..Given::default()
    };
    show(&app, &visitor, id, given, String::new()).await
}

async fn show(app: &App, visitor: &Visitor, id: Id, given: Given, problem: String) -> Answer {
    let caller = &visitor.session.caller;
    let v = &visitor.view;
    let contacts = app.object(caller, "contacts").map_err(visitor.fail())?;
    let record = app.get(caller, &contacts, id).await.map_err(visitor.fail())?;
    let p = app.permissions(caller, id).await.map_err(visitor.fail())?;
    let lines = app.consent_history(caller, id).await.map_err(visitor.fail())?;
    let words = Words {
        object: ledger(visitor).map_err(visitor.fail())?,
        visitor,
    };
    let users: Vec<Id> = lines
        .iter()
        .map(|l| l.entry.actor.id())
        .filter(|a| *a != Id::NIL)
        .collect();
    let titles = app
        .titles(caller, &HashMap::from([("user".to_owned(), users)]))
        .await
        .map_err(visitor.fail())?;
    let who = |actor: Id| {
        titles
            .get(&actor)
            .cloned()
            .unwrap_or_else(|| v.t(keys::WEB_SYSTEM_ACTOR))
    };
    let mut addresses: Vec<String> = Vec::new();
    for a in p.addresses.iter().flat_map(|(_, all)| all) {
        if !addresses.contains(a) {
            addresses.push(a.clone());
        }
    }
    let title = v.with(
        keys::CONSENT_OF,
        &Args::new().text("name", reading::title(&contacts, &record)),
    );
    let mut rows: Vec<(String, Vec<Use>)> = Purpose::ALL
        .iter()
        .map(|p| (words.of(ce::PURPOSE, p.key()), Vec::new()))
        .collect();
    let mut columns = Vec::new();
    for way in ways(visitor, &words, &p, Purpose::ALL) {
        columns.push((way.label, way.addresses));
        for (row, one) in rows.iter_mut().zip(way.uses) {
            row.1.push(one);
        }
    }
    let wrong = !problem.is_empty();
    let page = ConsentPage {
        back: format!("/contacts/{}", record.id()),
        action: format!("/contacts/{}/consent", record.id()),
        restricted: restricted(visitor, &p),
        ways: columns,
        rows,
        history: lines.iter().map(|l| line(visitor, &words, l, &who)).collect(),
        may_record: app.may_record_consent(caller, id).await.map_err(visitor.fail())?,
        problem,
        given,
        words: words.options(
            ce::VERDICT,
            [
                Word::Granted,
                Word::Denied,
                Word::Withdrawn,
                Word::Blocked,
                Word::Released,
            ]
            .map(Word::key),
        ),
        channels: words.options(ce::CHANNEL, p.channels.iter().map(|c| c.key()).chain(["any"])),
        purposes: words.options(ce::PURPOSE, Purpose::ALL.iter().map(|p| p.key()).chain(["all"])),
        sources: words.options(
            ce::SOURCE,
            [
                Source::Staff,
                Source::Phone,
                Source::Paper,
                Source::Form,
                Source::Reply,
                Source::Complaint,
                Source::Regulator,
            ]
            .map(Source::key),
        ),
        addresses,
        c: Chrome::of(visitor, &title),
        title,
    };
    let status = if wrong {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok(html(status, &page, visitor.said.is_some()))
}

fn line(visitor: &Visitor, words: &Words<'_>, l: &HistoryLine, who: &impl Fn(Id) -> String) -> Line {
    let v = &visitor.view;
    let e = &l.entry;
    let proof = &e.proof;
    let field = |ix: FieldIx| {
        words
            .object
            .at(ix)
            .map(|f| v.label(&f.label).to_owned())
            .unwrap_or_default()
    };
    let mut facts = Vec::new();
    for (ix, value) in [
        (ce::PROOF, &proof.reference),
        (ce::FORM_URL, &proof.form_url),
        (ce::IP, &proof.ip),
        (ce::OPT_IN_MESSAGE, &proof.opt_in_message),
    ] {
        if let Some(value) = value {
            facts.push((field(ix), value.clone()));
        }
    }
    if let Some(end) = proof.expires_at {
        facts.push((field(ce::EXPIRES_AT), v.instant(end)));
    }
    Line {
        when: v.ago(proof.at),
        exact: v.instant(proof.at),
        word: words.of(ce::VERDICT, e.word.key()),
        color: words.color(ce::VERDICT, e.word.key()),
        about: match (&l.address, l.person) {
            (Some(a), _) => a.clone(),
            (None, true) => v.t(keys::CONSENT_PERSON_WHOLE),
            (None, false) => v.t(keys::CONSENT_ADDRESS_GONE),
        },
        scope: format!(
            "{} · {}",
            words.of(ce::CHANNEL, e.scope.channel_key()),
            words.of(ce::PURPOSE, e.scope.matter.key())
        ),
        source: words.of(ce::SOURCE, proof.source.key()),
        by: who(e.actor.id()),
        text: proof.text_shown.clone().unwrap_or_default(),
        facts,
    }
}

/// Records what the form says.
pub(crate) async fn record(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((plural, key)): Path<(String, String)>,
    Form(given): Form<Given>,
) -> Answer {
    let id = contact_of(&visitor, &plural, &key)?;
    let caller = &visitor.session.caller;
    let filled = |s: &str| Some(s.trim().to_owned()).filter(|s| !s.is_empty());
    let wish = Word::find(&given.verdict).and_then(|word| {
        let mut proof = Proof::of(
            Source::find(&given.source).unwrap_or(Source::Staff),
            app.clock.now(),
        );
        proof.text_shown = filled(&given.text_shown);
        proof.reference = filled(&given.proof);
        proof.form_url = filled(&given.form_url);
        Some(Wish {
            channel: match given.channel.as_str() {
                "any" => None,
                c => Some(Channel::find(c)?),
            },
            matter: Matter::find(&given.purpose)?,
            word,
            address: filled(&given.address),
            proof,
        })
    });
    let done = match wish {
        Some(wish) => app.record_consent(caller, id, &wish, None).await,
        None => Err(AppError::Consent(ConsentError::Scope)),
    };
    match done {
        Ok(done) => {
            let key = if done.word == Word::Pending {
                "consent-recorded-pending"
            } else {
                "consent-recorded"
            };
            Ok(say(&format!("/contacts/{id}/consent"), key, ""))
        }
        Err(e @ AppError::Consent(_)) => {
            let problem = e.message(visitor.view.language);
            show(&app, &visitor, id, given, problem).await
        }
        Err(e) => Err(visitor.fail()(e)),
    }
}
