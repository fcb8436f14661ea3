//! Who calls: the token of a program, or the cookie of a page where nothing is changed.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use peyvand_app::{App, AppError, Caller};
use peyvand_core::Via;
use peyvand_numbers::Language;

/// Names of the cookie that the pages set: on a safe connection, and on this machine.
const COOKIES: [&str; 2] = ["__Host-peyvand_session", "peyvand_session"];

/// What the caller has shown: by it a stream asks again whether the caller is still let in.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// A token, and from where it came.
    Token(String, Option<IpAddr>),
    /// The session of a page.
    Session(String),
}

impl Credential {
    /// Who is behind it now.
    pub(crate) async fn caller(&self, app: &App) -> Result<Caller, AppError> {
        match self {
            Self::Token(t, from) => app.caller_of_token_from(t, Via::Api, *from).await,
            Self::Session(s) => Ok(app.session(s).await?.caller),
        }
    }
}

/// The language that the request asks for.
pub fn language(headers: &HeaderMap) -> Option<Language> {
    let wanted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    wanted.split(',').find_map(|part| {
        let tag = part.trim();
        if tag.starts_with("fa") {
            Some(Language::Fa)
        } else if tag.starts_with("en") {
            Some(Language::En)
        } else {
            None
        }
    })
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|c| c.trim().split_once('='))
        .find(|(n, _)| COOKIES.contains(n))
        .map(|(_, v)| v)
}

/// The caller, if a token (or, where `cookies` is set, a session) that holds was shown.
pub(crate) async fn caller(
    app: &App,
    headers: &HeaderMap,
    cookies: bool,
    from: Option<IpAddr>,
) -> Result<Option<(Caller, Credential)>, AppError> {
    let bearer = headers.get(header::AUTHORIZATION).map(|v| {
        let text = v.to_str().unwrap_or_default();
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        let token = if scheme.eq_ignore_ascii_case("bearer") {
            token.trim()
        } else {
            ""
        };
        Credential::Token(token.to_owned(), from)
    });
    let session = || {
        cookie(headers)
            .filter(|_| cookies)
            .map(|c| Credential::Session(c.to_owned()))
    };
    let Some(credential) = bearer.or_else(session) else {
        return Ok(None);
    };
    match credential.caller(app).await {
        Ok(mut caller) => {
            if let Some(l) = language(headers) {
                caller.language = l;
            }
            Ok(Some((caller, credential)))
        }
        Err(AppError::Unauthenticated) => Ok(None),
        Err(e) => Err(e),
    }
}
