//! What the interface says of itself: whether it lives, and its description.

use axum::http::{Method, StatusCode};
use axum::response::IntoResponse;
use peyvand_catalog::Catalog;
use peyvand_core::Actor;
use peyvand_i18n::keys;
use peyvand_record::Policy;

use crate::call::{Answer, Call, json_answer};
use crate::openapi::{Reader, document};
use crate::table::{Access, Operation, Reply, operation};

/// The operations about the interface itself.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            tag: "service",
            ..operation(
                Method::GET,
                "/health",
                "health",
                Access::Anyone,
                keys::API_HEALTH,
                Reply::Page("text/plain"),
                |_| Box::pin(async { Ok((StatusCode::OK, "ok").into_response()) }),
            )
        },
        Operation {
            tag: "catalog",
            ..operation(
                Method::GET,
                "/api/v1/openapi.json",
                "description",
                Access::Anyone,
                keys::API_DESCRIPTION,
                Reply::Description,
                |c| Box::pin(async move { description(&c) }),
            )
        },
    ]
}

/// The description: with a token, of its workspace and within its rights; without one, of the standard catalog.
fn description(call: &Call) -> Answer {
    let standard = Catalog::standard();
    let all = Policy::all(Actor::System);
    let document = match call.guest() {
        Some(caller) => document(&Reader {
            catalog: caller.workspace.catalog(),
            policy: &caller.policy,
            language: call.language,
        }),
        None => document(&Reader {
            catalog: &standard,
            policy: &all,
            language: call.language,
        }),
    };
    Ok(json_answer(StatusCode::OK, &document))
}
