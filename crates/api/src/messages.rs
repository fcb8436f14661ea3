//! Messages: queueing one, taking it back, deciding about one whose outcome is unknown. They are listed and read as all
//! records are.

use std::sync::Arc;

use axum::http::{Method, StatusCode, header};
use peyvand_app::AppError;
use peyvand_app::sending::NewMessage;
use peyvand_catalog::ObjectDef;
use peyvand_domain::consent::{Channel, Purpose};
use peyvand_i18n::{Key, keys};
use peyvand_record::Record;

use crate::call::{Answer, Call, bad_parameter, not_found, put};
use crate::problem::Problem;
use crate::records::one;
use crate::shape::{Shape, may, must};
use crate::table::{Access, Body, Operation, Reply, Run, operation};

/// A message to be queued.
const QUEUE: Shape = Shape::Object(&[
    must("contact_id", Shape::Id),
    must(
        "channel",
        Shape::Choice(&[
            "email",
            "sms",
            "phone",
            "messenger",
            "social",
            "post",
            "fax",
            "push",
            "web",
        ]),
    ),
    must(
        "purpose",
        Shape::Choice(&["service", "advertising", "newsletter", "survey"]),
    ),
    may("address", Shape::Maybe(&Shape::Text(500))),
    may("subject", Shape::Maybe(&Shape::Text(400))),
    must("body", Shape::Text(20_000)),
    may("not_before", Shape::Maybe(&Shape::Instant)),
    may("once", Shape::Maybe(&Shape::Text(120))),
]);

/// The operations of messages. The use case asks whether the caller may change the person.
pub(crate) fn operations() -> Vec<Operation> {
    let decide = |path: &'static str, id: &'static str, about: Key, run: Run| Operation {
        tag: "messages",
        problems: &[409, 507],
        ..operation(
            Method::POST,
            path,
            id,
            Access::Member,
            about,
            Reply::Json(200, Shape::Any),
            run,
        )
    };
    vec![
        Operation {
            tag: "messages",
            headers: &["Idempotency-Key"],
            body: Body::Json(QUEUE),
            problems: &[409, 507],
            ..operation(
                Method::POST,
                "/api/v1/messages",
                "queue-message",
                Access::Member,
                keys::API_MESSAGE_QUEUE,
                Reply::Json(201, Shape::Any),
                |c| Box::pin(queue(c)),
            )
        },
        decide(
            "/api/v1/messages/{id}/cancel",
            "cancel-message",
            keys::API_MESSAGE_CANCEL,
            |c| Box::pin(cancel(c)),
        ),
        decide(
            "/api/v1/messages/{id}/requeue",
            "requeue-message",
            keys::API_MESSAGE_REQUEUE,
            |c| Box::pin(requeue(c)),
        ),
    ]
}

fn object(call: &Call) -> Result<Arc<ObjectDef>, Problem> {
    let found = call.caller()?.workspace.catalog().object("message");
    found.map(Arc::clone).ok_or_else(not_found)
}

fn show(call: &Call, status: StatusCode, message: &Record) -> Answer {
    one(call, &*object(call)?, status, message)
}

/// A message that is not permitted is refused with the reason.
async fn queue(call: Call) -> Answer {
    let bad = |name: &str| bad_parameter(name, call.text(name).unwrap_or_default());
    let own = |name| call.text(name).map(str::to_owned);
    let caller = call.caller()?;
    let new = NewMessage {
        contact: call.id_of("contact_id").ok_or_else(|| bad("contact_id"))?,
        channel: call
            .text("channel")
            .and_then(Channel::find)
            .ok_or_else(|| bad("channel"))?,
        purpose: call
            .text("purpose")
            .and_then(Purpose::find)
            .ok_or_else(|| bad("purpose"))?,
        address: own("address"),
        subject: own("subject").unwrap_or_default(),
        body: own("body").unwrap_or_default(),
        not_before: call.text("not_before").and_then(|t| t.parse().ok()),
        once: own("once"),
    };
    let key = call.idempotency("POST /messages")?;
    let message = call
        .app
        .queue_message(caller, &new, key.as_ref())
        .await
        .map_err(|e| {
            let problem = Problem::of(&e, call.language);
            match &e {
                AppError::NotPermitted(refusal) => {
                    problem.with("reason", crate::consent::reason(caller, refusal))
                }
                _ => problem,
            }
        })?;
    let mut answer = show(&call, StatusCode::CREATED, &message)?;
    put(
        &mut answer,
        header::LOCATION,
        &format!("/api/v1/messages/{}", message.id()),
    );
    Ok(answer)
}

async fn cancel(call: Call) -> Answer {
    let message = call
        .app
        .cancel_message(call.caller()?, call.id()?)
        .await
        .map_err(call.fail())?;
    show(&call, StatusCode::OK, &message)
}

async fn requeue(call: Call) -> Answer {
    let message = call
        .app
        .requeue_message(call.caller()?, call.id()?)
        .await
        .map_err(call.fail())?;
    show(&call, StatusCode::OK, &message)
}
