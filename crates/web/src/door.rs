//! The door of the pages: no page of records without a person who is signed in.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use peyvand_app::sessions::Opened;
use peyvand_app::{App, Peer, Session, Visit};
use peyvand_numbers::Language;

use crate::view::Viewer;

/// Name of the session's cookie.
const COOKIE: &str = "peyvand_session";
/// Its name where the connection is safe: browsers take this one from nobody but this very host.
const SAFE_COOKIE: &str = "__Host-peyvand_session";
/// Name of the cookie that makes a browser known to an account.
const KNOWN: &str = "peyvand_known";
/// A browser stays known for half a year.
const KNOWN_LIFE: i64 = 180 * 86_400;
/// Name of the cookie of a message that the next page shows.
const FLASH: &str = "peyvand_said";
/// Name of the cookie by which a browser remembers that the navigation is folded.
const SIDE: &str = "peyvand_side";

/// Name of the cookie by which a browser remembers the language of the person who is signed in, for the pages of the door.
const TONGUE: &str = "peyvand_language";
/// It is remembered for a year.
const TONGUE_LIFE: i64 = 365 * 86_400;

/// A person who is signed in, with the way they want things shown.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) session: Session,
    pub(crate) view: Viewer,
    /// The path and query of this request.
    pub(crate) here: String,
    /// What the last action said.
    pub(crate) said: Option<Said>,
    /// The navigation is folded away.
    pub(crate) folded: bool,
    /// How many notifications wait.
    pub(crate) unread: u64,
}

/// What an action says on the next page: a key of `web-…`, and where an undo goes.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) key: String,
    pub(crate) undo: String,
    /// How many records it is about.
    pub(crate) count: u64,
}

/// The language of a page for nobody in particular: that of the person who was signed in here last, else the one that the
/// browser asks for; Persian when it says nothing.
pub(crate) fn language(headers: &HeaderMap) -> Language {
    match cookie(headers, TONGUE) {
        Some("fa") => return Language::Fa,
        Some("en") => return Language::En,
        _ => {}
    }
    let wanted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    for part in wanted.split(',') {
        let tag = part.trim();
        if tag.starts_with("fa") {
            return Language::Fa;
        }
        if tag.starts_with("en") {
            return Language::En;
        }
    }
    Language::Fa
}

pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|c| c.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, v)| v)
}

/// The device, as its browser names itself.
pub(crate) fn device(headers: &HeaderMap) -> String {
    headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("?")
        .to_owned()
}

/// Where a request comes from, and how safe its road is.
#[derive(Debug)]
pub(crate) struct Coming {
    pub(crate) visit: Visit,
    pub(crate) headers: HeaderMap,
    /// The connection is encrypted, up to us or up to a declared proxy.
    secure: bool,
}

impl<S: Sync> FromRequestParts<S> for Coming {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<Peer>().copied();
        Ok(Self {
            visit: Visit {
                device: device(&parts.headers),
                address: peer.map(|p| p.address),
                known: cookie(&parts.headers, KNOWN).map(str::to_owned),
            },
            headers: parts.headers.clone(),
            secure: peer.is_some_and(|p| p.secure),
        })
    }
}

/// The token of the session's cookie.
fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, SAFE_COOKIE).or_else(|| cookie(headers, COOKIE))
}

/// Puts the session's cookie on an answer.
pub(crate) fn keep_session(coming: &Coming, opened: &Opened, response: Response) -> Response {
    let (name, secure) = if coming.secure {
        (SAFE_COOKIE, "; Secure")
    } else {
        (COOKIE, "")
    };
    let session = format!(
        "{name}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
        opened.token,
        peyvand_app::sessions::SESSION_LIFE / 1_000_000,
    );
    let known = format!(
        "{KNOWN}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={KNOWN_LIFE}{secure}",
        opened.known
    );
    with_cookie(with_cookie(response, &session), &known)
}

/// An answer that sets the session's cookie and leads on.
pub(crate) fn with_session(coming: &Coming, opened: &Opened, to: &str) -> Response {
    keep_session(coming, opened, Redirect::to(to).into_response())
}

/// The same for somebody who has just come in: the browser remembers their language.
pub(crate) async fn let_in(app: &App, coming: &Coming, opened: &Opened, to: &str) -> Response {
    let response = with_session(coming, opened, to);
    match app.session(&opened.token).await {
        Ok(s) => keep_language(coming, s.caller.language, response),
        // The next page says what is wrong.
        Err(_) => response,
    }
}

/// An answer after which the browser knows the language of its person.
pub(crate) fn keep_language(coming: &Coming, language: Language, response: Response) -> Response {
    let secure = if coming.secure { "; Secure" } else { "" };
    let tag = language.tag();
    let value = format!("{TONGUE}={tag}; Path=/; HttpOnly; SameSite=Lax; Max-Age={TONGUE_LIFE}{secure}");
    with_cookie(response, &value)
}

/// An answer that forgets the session's cookie.
pub(crate) fn without_session(coming: &Coming, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    for name in [COOKIE, SAFE_COOKIE] {
        if name == COOKIE || coming.secure {
            let secure = if name == SAFE_COOKIE { "; Secure" } else { "" };
            let gone = format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}");
            response = with_cookie(response, &gone);
        }
    }
    response
}

/// An answer whose next page shows a message; `undo` is the path that takes the action back.
pub(crate) fn saying(response: Response, key: &str, undo: &str) -> Response {
    let value = format!("{FLASH}={key}|{undo}; Path=/; HttpOnly; SameSite=Lax; Max-Age=20");
    with_cookie(response, &value)
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(v) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, v);
    }
    response
}

/// Goes to a page that shows a message; `undo` is the path that takes the action back.
pub(crate) fn say(to: &str, key: &str, undo: &str) -> Response {
    say_undo(to, key, undo, 0)
}

/// The same about a number of records.
pub(crate) fn say_undo(to: &str, key: &str, undo: &str, count: u64) -> Response {
    let value = format!("{FLASH}={key}|{undo}|{count}; Path=/; HttpOnly; SameSite=Lax; Max-Age=20");
    with_cookie(Redirect::to(to).into_response(), &value)
}

/// Does a script ask, which wants JSON instead of a page?
pub(crate) fn scripted(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|a| a.to_str().ok())
        .is_some_and(|a| a.starts_with("application/json"))
}

/// Takes the message away once a page has shown it.
pub(crate) fn said_it(response: Response) -> Response {
    with_cookie(
        response,
        &format!("{FLASH}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"),
    )
}

/// A path of this site, or the home page: nobody is led away.
pub(crate) fn safe_path(path: &str) -> &str {
    let plain = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|b| (0x21..0x7F).contains(&b));
    if plain { path } else { "/" }
}

/// Percent-encodes a text for a query.
pub(crate) fn encode(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |n: u8| char::from(DIGITS[usize::from(n & 15)]);
    let mut out = String::with_capacity(text.len() * 2);
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(b));
        } else {
            out.extend(['%', digit(b >> 4), digit(b)]);
        }
    }
    out
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let here = parts
            .uri
            .path_and_query()
            .map_or("/", axum::http::uri::PathAndQuery::as_str)
            .to_owned();
        let back = if parts.method == Method::GET {
            here.as_str()
        } else {
            "/"
        };
        let away = || Redirect::to(&format!("/sign-in?to={}", encode(back))).into_response();
        let token = session_cookie(&parts.headers).ok_or_else(away)?;
        let session = match app.session(token).await {
            Ok(s) => s,
            Err(peyvand_app::AppError::Unauthenticated) => return Err(away()),
            Err(e) => return Err(crate::shell::failure(&e, language(&parts.headers))),
        };
        // Where one-time codes are asked for, only one's own account is open until they are switched on.
        if !parts.uri.path().starts_with("/account") {
            match app.codes_missing(&session).await {
                Ok(false) => {}
                Ok(true) => return Err(Redirect::to("/account").into_response()),
                Err(e) => return Err(crate::shell::failure(&e, language(&parts.headers))),
            }
        }
        let said = cookie(&parts.headers, FLASH)
            .and_then(|v| v.split_once('|'))
            .map(|(key, rest)| {
                let (undo, count) = rest.split_once('|').unwrap_or((rest, "0"));
                Said {
                    key: key.to_owned(),
                    undo: undo.to_owned(),
                    count: count.parse().unwrap_or(0),
                }
            });
        let view = Viewer::of(app, &session);
        // A page without its bell is better than no page.
        let unread = app.unread(&session.caller).await.unwrap_or_default();
        let folded = cookie(&parts.headers, SIDE) == Some("folded");
        Ok(Self {
            session,
            view,
            here,
            said,
            folded,
            unread,
        })
    }
}
