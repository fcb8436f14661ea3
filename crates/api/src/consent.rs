//! Permission: what a person allows, the history of it, and recording what they said.

use axum::http::{Method, StatusCode};
use peyvand_app::Caller;
use peyvand_app::consent::{Cell, HistoryLine, Permissions, Wish, refusal_sentence};
use peyvand_calendar::zone;
use peyvand_core::{Id, Instant};
use peyvand_domain::consent::{Basis, Channel, Mark, Matter, Proof, Source, Word};
use peyvand_i18n::keys;
use serde_json::{Map, Value, json};

use crate::call::{Answer, Call, bad_parameter, json_answer};
use crate::problem::Problem;
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Operation, Reply, operation};

/// Channels of messages, and all of them at once.
const CHANNELS: &[&str] = &[
    "email",
    "sms",
    "phone",
    "messenger",
    "social",
    "post",
    "fax",
    "push",
    "web",
    "any",
];
/// Purposes, all of them at once, and any use of the data.
const PURPOSES: &[&str] = &[
    "service",
    "advertising",
    "newsletter",
    "survey",
    "tracking",
    "profiling",
    "recording",
    "sharing",
    "all",
    "processing",
];
const VERDICTS: &[&str] = &[
    "granted",
    "pending",
    "denied",
    "withdrawn",
    "expired",
    "blocked",
    "released",
];
const STATES: &[&str] = &[
    "unknown",
    "granted",
    "pending",
    "denied",
    "withdrawn",
    "expired",
    "blocked",
];
const SOURCES: &[&str] = &[
    "form",
    "import",
    "staff",
    "phone",
    "paper",
    "reply",
    "unsubscribe",
    "preference",
    "complaint",
    "regulator",
    "api",
];
const BASES: &[&str] = &["consent", "contract", "legal_obligation", "legitimate_interest"];

/// What somebody said.
const RECORD: Shape = Shape::Object(&[
    must("verdict", Shape::Choice(VERDICTS)),
    may("channel", Shape::Maybe(&Shape::Choice(CHANNELS))),
    may("purpose", Shape::Maybe(&Shape::Choice(PURPOSES))),
    may("address", Shape::Maybe(&Shape::Text(500))),
    may("source", Shape::Maybe(&Shape::Choice(SOURCES))),
    may("basis", Shape::Maybe(&Shape::Choice(BASES))),
    may("at", Shape::Maybe(&Shape::Instant)),
    may("expires_at", Shape::Maybe(&Shape::Instant)),
    may("text_shown", Shape::Maybe(&Shape::Text(10_000))),
    may("proof", Shape::Maybe(&Shape::Text(1000))),
    may("form_url", Shape::Maybe(&Shape::Text(1000))),
    may("ip", Shape::Maybe(&Shape::Text(1000))),
    may("opt_in_message", Shape::Maybe(&Shape::Text(1000))),
]);

/// What was written.
const RECORDED: Shape = Shape::Object(&[
    must("entries", Shape::List(&Shape::Id, 1000)),
    must("verdict", Shape::Choice(VERDICTS)),
]);

/// The entry behind a state.
const ENTRY: Shape = Shape::Object(&[
    must("id", Shape::Id),
    must("verdict", Shape::Choice(VERDICTS)),
    must("at", Shape::Instant),
    must("expires_at", Shape::Maybe(&Shape::Instant)),
]);

/// Every use of a person's addresses.
const USES: Shape = Shape::Object(&[
    must("contact_id", Shape::Id),
    must("restricted", Shape::Maybe(&ENTRY)),
    must("addresses", Shape::Map(&Shape::List(&Shape::Text(500), 1000))),
    must(
        "data",
        Shape::List(
            &Shape::Object(&[
                must("channel", Shape::Choice(CHANNELS)),
                must("purpose", Shape::Choice(PURPOSES)),
                must("allowed", Shape::Flag),
                must("state", Shape::Choice(STATES)),
                must("address", Shape::Maybe(&Shape::Text(500))),
                must("entry", Shape::Maybe(&ENTRY)),
                must(
                    "reason",
                    Shape::Maybe(&Shape::Object(&[
                        must("code", Shape::Text(60)),
                        must("detail", Shape::Text(2000)),
                        must("address", Shape::Maybe(&Shape::Text(500))),
                    ])),
                ),
            ]),
            200,
        ),
    ),
]);

/// Every entry about a person.
const HISTORY: Shape = Shape::Object(&[must(
    "data",
    Shape::List(
        &Shape::Object(&[
            must("id", Shape::Id),
            must("channel", Shape::Choice(CHANNELS)),
            must("purpose", Shape::Choice(PURPOSES)),
            must("verdict", Shape::Choice(VERDICTS)),
            must("at", Shape::Instant),
            must("expires_at", Shape::Maybe(&Shape::Instant)),
            must("address", Shape::Maybe(&Shape::Text(500))),
            must("about_person", Shape::Flag),
            must("source", Shape::Choice(SOURCES)),
            must("basis", Shape::Choice(BASES)),
            must("text_shown", Shape::Maybe(&Shape::Text(10_000))),
            must("proof", Shape::Maybe(&Shape::Text(1000))),
            must("form_url", Shape::Maybe(&Shape::Text(1000))),
            must("ip", Shape::Maybe(&Shape::Text(1000))),
            must("opt_in_message", Shape::Maybe(&Shape::Text(1000))),
            must("recorded_at", Shape::Instant),
            must("recorded_by", Shape::Maybe(&Shape::Id)),
        ]),
        100_000,
    ),
)]);

/// The operations of permission. The use case asks whether the caller may see or change the person.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            tag: "consent",
            ..operation(
                Method::GET,
                "/api/v1/contacts/{id}/consent",
                "consent",
                Access::Member,
                keys::API_CONSENT,
                Reply::Json(200, USES),
                |c| Box::pin(show(c)),
            )
        },
        Operation {
            tag: "consent",
            ..operation(
                Method::GET,
                "/api/v1/contacts/{id}/consent/history",
                "consent-history",
                Access::Member,
                keys::API_CONSENT_HISTORY,
                Reply::Json(200, HISTORY),
                |c| Box::pin(history(c)),
            )
        },
        Operation {
            tag: "consent",
            headers: &["Idempotency-Key"],
            body: Body::Json(RECORD),
            problems: &[409, 507],
            ..operation(
                Method::POST,
                "/api/v1/contacts/{id}/consent",
                "record-consent",
                Access::Member,
                keys::API_CONSENT_RECORD,
                Reply::Json(201, RECORDED),
                |c| Box::pin(record(c)),
            )
        },
    ]
}

fn mark(m: Option<Mark>) -> Value {
    m.map_or(Value::Null, |m| {
        json!({
            "id": m.id.to_string(),
            "verdict": m.word.key(),
            "at": m.at.to_string(),
            "expires_at": m.expires_at.map(|e| e.to_string()),
        })
    })
}

/// The reason of a refusal, with a sentence in the caller's language.
pub(crate) fn reason(caller: &Caller, refusal: &peyvand_domain::consent::Refusal) -> Value {
    let w = &caller.workspace;
    let zone = zone::zone(&w.settings.time_zone).unwrap_or_else(zone::tehran);
    json!({
        "code": refusal.reason.key(),
        "detail": refusal_sentence(refusal, caller.language, w.calendar(), &zone),
        "address": refusal.address,
    })
}

fn cell(caller: &Caller, c: &Cell) -> Value {
    json!({
        "channel": c.channel.key(),
        "purpose": c.purpose.key(),
        "allowed": c.refusal.is_none(),
        "state": c.state.key(),
        "address": c.address,
        "entry": mark(c.entry),
        "reason": c.refusal.as_ref().map(|r| reason(caller, r)),
    })
}

fn permissions(caller: &Caller, p: &Permissions) -> Value {
    let addresses: Map<String, Value> = p
        .addresses
        .iter()
        .map(|(c, all)| (c.key().to_owned(), json!(all)))
        .collect();
    json!({
        "contact_id": p.contact.to_string(),
        "restricted": mark(p.restricted),
        "addresses": addresses,
        "data": p.cells.iter().map(|c| cell(caller, c)).collect::<Vec<_>>(),
    })
}

fn line(l: &HistoryLine) -> Value {
    let e = &l.entry;
    json!({
        "id": e.id.to_string(),
        "channel": e.scope.channel_key(),
        "purpose": e.scope.matter.key(),
        "verdict": e.word.key(),
        "at": e.proof.at.to_string(),
        "expires_at": e.proof.expires_at.map(|t| t.to_string()),
        "address": l.address,
        "about_person": l.person,
        "source": e.proof.source.key(),
        "basis": e.proof.basis.key(),
        "text_shown": e.proof.text_shown,
        "proof": e.proof.reference,
        "form_url": e.proof.form_url,
        "ip": e.proof.ip,
        "opt_in_message": e.proof.opt_in_message,
        "recorded_at": e.recorded_at.to_string(),
        "recorded_by": Some(e.actor.id()).filter(|a| *a != Id::NIL).map(|a| a.to_string()),
    })
}

async fn show(call: Call) -> Answer {
    let caller = call.caller()?;
    let p = call
        .app
        .permissions(caller, call.id()?)
        .await
        .map_err(call.fail())?;
    Ok(json_answer(StatusCode::OK, &permissions(caller, &p)))
}

async fn history(call: Call) -> Answer {
    let lines = call
        .app
        .consent_history(call.caller()?, call.id()?)
        .await
        .map_err(call.fail())?;
    let data: Vec<Value> = lines.iter().map(line).collect();
    Ok(json_answer(StatusCode::OK, &json!({ "data": data })))
}

/// What a request says is to be recorded.
fn wish(call: &Call, now: Instant) -> Result<Wish, Problem> {
    let bad = |name: &str| bad_parameter(name, call.text(name).unwrap_or_default());
    let word = call
        .text("verdict")
        .and_then(Word::find)
        .ok_or_else(|| bad("verdict"))?;
    let closing = matches!(
        word,
        Word::Denied | Word::Withdrawn | Word::Blocked | Word::Released
    );
    // Closing needs no words: without a channel and a purpose it closes all of them.
    let channel = match call.text("channel") {
        Some("any") => None,
        Some(c) => Some(Channel::find(c).ok_or_else(|| bad("channel"))?),
        None if closing => None,
        None => return Err(bad("channel")),
    };
    let matter = match call.text("purpose") {
        Some(p) => Matter::find(p).ok_or_else(|| bad("purpose"))?,
        None if closing => Matter::Every,
        None => return Err(bad("purpose")),
    };
    let own = |name| call.text(name).map(str::to_owned);
    let instant = |name| call.text(name).and_then(|t| t.parse::<Instant>().ok());
    Ok(Wish {
        channel,
        matter,
        word,
        address: own("address"),
        proof: Proof {
            source: call.text("source").and_then(Source::find).unwrap_or(Source::Api),
            basis: call.text("basis").and_then(Basis::find).unwrap_or(Basis::Consent),
            at: instant("at").unwrap_or(now),
            expires_at: instant("expires_at"),
            text_shown: own("text_shown"),
            reference: own("proof"),
            form_url: own("form_url"),
            ip: own("ip"),
            opt_in_message: own("opt_in_message"),
        },
    })
}

async fn record(call: Call) -> Answer {
    let contact = call.id()?;
    let wish = wish(&call, call.app.clock.now())?;
    let once = call.idempotency(&format!("POST /contacts/{contact}/consent"))?;
    let done = call
        .app
        .record_consent(call.caller()?, contact, &wish, once.as_ref())
        .await
        .map_err(call.fail())?;
    let ids: Vec<String> = done.entries.iter().map(ToString::to_string).collect();
    Ok(json_answer(
        StatusCode::CREATED,
        &json!({ "entries": ids, "verdict": done.word.key() }),
    ))
}
