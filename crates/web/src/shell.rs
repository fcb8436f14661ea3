//! The frame of every page: navigation by area, the reader's menu, messages; and pages of errors.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use peyvand_app::{App, AppError};
use peyvand_catalog::handles::user;
use peyvand_core::Id;
use peyvand_i18n::{Args, Key, keys};
use peyvand_numbers::Language;
use peyvand_record::{Reach, Verb};

use crate::door::{self, Said, Visitor};
use crate::view::Viewer;

/// A link of the navigation.
#[derive(Debug)]
pub(crate) struct NavLink {
    pub(crate) address: String,
    pub(crate) icon: &'static str,
    pub(crate) label: String,
    pub(crate) here: bool,
}

/// A group of the navigation.
#[derive(Debug)]
pub(crate) struct NavGroup {
    pub(crate) label: String,
    pub(crate) links: Vec<NavLink>,
    pub(crate) open: bool,
}

/// What the frame of a page shows.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent choices of the reader")]
pub(crate) struct Chrome {
    pub(crate) v: Viewer,
    pub(crate) title: String,
    pub(crate) workspace: String,
    pub(crate) user: String,
    pub(crate) initials: String,
    pub(crate) role: String,
    pub(crate) groups: Vec<NavGroup>,
    pub(crate) home: bool,
    pub(crate) dock: Vec<NavLink>,
    pub(crate) here: String,
    pub(crate) said: Option<String>,
    pub(crate) undo: String,
    pub(crate) css: String,
    pub(crate) js: String,
    pub(crate) icons: String,
    /// Texts that scripts say, as JSON.
    pub(crate) words: String,
    pub(crate) folded: bool,
    /// How many notifications wait, as a number to read; empty for none.
    pub(crate) unread: String,
    pub(crate) may_quick: bool,
    pub(crate) toman: bool,
    pub(crate) gregorian: bool,
    pub(crate) latin: bool,
}

/// Texts that scripts say.
fn words(v: &Viewer) -> String {
    serde_json::json!({
        "undo": v.t(keys::COMMON_UNDO),
        "undone": v.t(keys::SHELL_UNDONE),
        "offline": v.t(keys::SHELL_OFFLINE),
        "unreachable": v.t(keys::SHELL_UNREACHABLE),
        "required": peyvand_i18n::text_of_code(v.language, "required", &Args::new()),
        "unfit": v.t(keys::SHELL_UNFIT),
        "pick": v.t(keys::CALENDAR_PICK),
        "open": v.t(keys::WEB_PAL_OPEN),
        "lately": v.t(keys::NAV_RECENT),
        "pinned": v.t(keys::NAV_PINNED),
    })
    .to_string()
}

/// A number of notifications that wait, in the reader's digits; empty for none.
pub(crate) fn unread(v: &Viewer, n: u64) -> String {
    match n {
        0 => String::new(),
        n => v.count(n, peyvand_app::notifications::UNREAD_CAP),
    }
}

/// The icon of the design system for an object's icon.
pub(crate) fn icon(name: &str) -> &'static str {
    match name {
        "users" => "people",
        "building" => "firm",
        "handshake" => "deal",
        "check" => "check",
        "mega" => "mega",
        "folder" => "folder",
        "flag" => "flag",
        "shield" => "shield",
        "phone" => "phone",
        "briefcase" => "case",
        "file" => "file",
        "cal" => "cal",
        "chat" => "chat",
        "trend" => "trend",
        "star" => "star",
        "note" => "note",
        "bell" => "bell",
        "cart" => "cart",
        "flow" => "flow",
        "tag" => "tagi",
        "box" => "box",
        "link" => "link",
        "gear" => "gear",
        "map" => "map",
        "clock" => "clock",
        "x" => "x",
        "user" => "user",
        _ => "rows",
    }
}

/// First letters of the first and last word.
pub(crate) fn initials(name: &str) -> String {
    let mut letters = name
        .split_whitespace()
        .filter_map(|w| w.chars().find(|c| c.is_alphanumeric()));
    let first = letters.next();
    let last = letters.next_back();
    match (first, last) {
        // A non-joiner keeps two Persian letters from becoming one shape.
        (Some(a), Some(b)) => format!("{a}\u{200c}{b}"),
        (Some(a), None) => a.to_string(),
        _ => "•".to_owned(),
    }
}

/// One of the pigments, the same for the same name.
pub(crate) fn pigment(name: &str) -> &'static str {
    const ALL: [&str; 7] = [
        "lapis",
        "violet",
        "saffron",
        "pistachio",
        "anar",
        "clay",
        "firouzeh",
    ];
    let n = name
        .bytes()
        .fold(7_u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b)));
    ALL[(n % 7) as usize]
}

/// Objects that stand in the navigation, in their order, by area.
const PRIMARY: &[&str] = &[
    "activity",
    "interaction",
    "note",
    "contact",
    "company",
    "deal",
    "order",
    "product",
    "need",
    "category",
    "price_list",
    "competitor",
    "perception",
    "campaign",
    "list",
    "message",
    "user",
    "team",
    "role",
    "pipeline",
    "stage",
    "lost_reason",
    "territory",
];

/// Place and name of an area of objects.
pub(crate) fn area(key: &str) -> Option<(usize, Key)> {
    Some(match key {
        "work" => (0, keys::WEB_AREA_WORK),
        "sales" => (1, keys::WEB_AREA_SALES),
        "marketing" => (2, keys::WEB_AREA_MARKETING),
        "service" => (3, keys::WEB_AREA_SERVICE),
        "custom" => (4, keys::WEB_AREA_CUSTOM),
        "settings" => (5, keys::WEB_AREA_SETTINGS),
        _ => return None,
    })
}

/// Pages that are no list of records: the calendar among the work, the settings before what they hold.
fn own_links(v: &Viewer, now_at: &str, groups: &mut Vec<(usize, NavGroup)>) {
    let link = |to: &str, icon, label| NavLink {
        address: format!("/{to}"),
        icon,
        label: v.t(label),
        here: now_at == to,
    };
    if let Some((_, g)) = groups.iter_mut().find(|(n, _)| *n == 0) {
        g.links.insert(0, link("calendar", "cal", keys::CALENDAR_TITLE));
    }
    let all = [
        link("settings", "gear", keys::COMMON_SETTINGS),
        link("import", "up", keys::IMPORT_TITLE),
    ];
    if let Some((_, g)) = groups.iter_mut().find(|(n, _)| *n == 5) {
        g.open = true;
        g.links.splice(0..0, all);
    } else {
        groups.push((
            5,
            NavGroup {
                label: v.t(keys::WEB_AREA_SETTINGS),
                links: all.into(),
                open: true,
            },
        ));
    }
}

impl Chrome {
    /// The frame of a page for a person.
    pub(crate) fn of(visitor: &Visitor, title: &str) -> Self {
        let v = visitor.view.clone();
        let caller = &visitor.session.caller;
        let catalog = caller.workspace.catalog();
        let path = visitor.here.split('?').next().unwrap_or("/");
        let now_at = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let mut groups: Vec<(usize, NavGroup)> = Vec::new();
        let mut objects: Vec<_> = catalog
            .objects()
            .iter()
            .filter(|o| o.custom || PRIMARY.contains(&o.key.as_str()))
            .filter(|o| caller.policy.reach(&o.key, Verb::Read) != Reach::None)
            .collect();
        objects.sort_by_key(|o| PRIMARY.iter().position(|p| *p == o.key).unwrap_or(usize::MAX));
        for o in objects {
            let Some((at, key)) = area(if o.custom { "custom" } else { &o.area }) else {
                continue;
            };
            let link = NavLink {
                address: format!("/{}", o.plural),
                icon: icon(&o.icon),
                label: v.label(&o.labels).to_owned(),
                here: now_at == o.plural,
            };
            if !groups.iter().any(|(n, _)| *n == at) {
                groups.push((
                    at,
                    NavGroup {
                        label: v.t(key),
                        links: Vec::new(),
                        open: at != 5,
                    },
                ));
            }
            if let Some((_, g)) = groups.iter_mut().find(|(n, _)| *n == at) {
                g.open |= link.here;
                g.links.push(link);
            }
        }
        own_links(&v, now_at, &mut groups);
        groups.sort_by_key(|(n, _)| *n);
        let mut dock = vec![NavLink {
            address: "/".to_owned(),
            icon: "home",
            label: v.t(keys::NAV_HOME),
            here: now_at.is_empty(),
        }];
        for (key, nav) in [
            ("contacts", keys::NAV_CONTACTS),
            ("deals", keys::NAV_DEALS),
            ("activities", keys::WEB_AREA_WORK),
        ] {
            if let Some(o) = catalog.by_plural(key) {
                dock.push(NavLink {
                    address: format!("/{key}"),
                    icon: icon(&o.icon),
                    label: v.t(nav),
                    here: now_at == key,
                });
            }
        }
        dock.push(NavLink {
            address: "/preferences".to_owned(),
            icon: "menu",
            label: v.t(keys::COMMON_MORE),
            here: now_at == "preferences",
        });
        let name = visitor
            .session
            .user
            .get(user::NAME)
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let (said, undo) = match &visitor.said {
            Some(Said { key, undo, count }) => (
                // A cookie can say anything: only texts about a number of records, or about nothing, are shown.
                Key::find(key)
                    .filter(|k| k.arguments().iter().all(|a| *a == "count"))
                    .map(|k| v.with(k, &Args::new().number("count", *count))),
                door::safe_path(undo).to_owned(),
            ),
            None => (None, String::new()),
        };
        Self {
            title: title.to_owned(),
            workspace: caller.workspace.name.clone(),
            initials: initials(&name),
            role: visitor
                .session
                .user
                .get(user::JOB_TITLE)
                .as_str()
                .or(visitor.session.user.get(user::EMAIL).as_str())
                .unwrap_or_default()
                .to_owned(),
            user: name,
            groups: groups.into_iter().map(|(_, g)| g).collect(),
            home: now_at.is_empty(),
            dock,
            here: visitor.here.clone(),
            said,
            undo: if undo == "/" { String::new() } else { undo },
            css: crate::assets::url("ui.css"),
            js: crate::assets::url("ui.js"),
            icons: crate::assets::url("icons.svg"),
            words: words(&v),
            folded: visitor.folded,
            unread: unread(&v, visitor.unread),
            may_quick: catalog
                .object("contact")
                .is_some_and(|o| App::writable(caller, o, Verb::Create).is_ok()),
            toman: v.unit == peyvand_numbers::RialUnit::Toman,
            gregorian: v.calendar == peyvand_calendar::Calendar::Gregorian,
            latin: v.digits == peyvand_numbers::Digits::Latin,
            v,
        }
    }

    /// The frame of a page outside: without navigation.
    pub(crate) fn outside(v: Viewer, title: &str) -> Self {
        Self {
            words: words(&v),
            folded: false,
            unread: String::new(),
            may_quick: false,
            toman: false,
            gregorian: false,
            latin: v.digits == peyvand_numbers::Digits::Latin,
            v,
            title: title.to_owned(),
            workspace: String::new(),
            user: String::new(),
            initials: String::new(),
            role: String::new(),
            groups: Vec::new(),
            home: false,
            dock: Vec::new(),
            here: String::new(),
            said: None,
            undo: String::new(),
            css: crate::assets::url("ui.css"),
            js: crate::assets::url("ui.js"),
            icons: crate::assets::url("icons.svg"),
        }
    }

    pub(crate) fn t(&self, key: Key) -> String {
        self.v.t(key)
    }

    /// The names of the marks by which rich text is written, for the script that offers them.
    pub(crate) fn marks(&self) -> String {
        marks(&self.v)
    }

    /// The language that the switch leads to.
    pub(crate) fn other_language(&self) -> &'static str {
        match self.v.language {
            Language::Fa => "en",
            Language::En => "fa",
        }
    }
}

/// The names of the marks of rich text, in the order in which their script offers them.
pub(crate) fn marks(v: &Viewer) -> String {
    [
        keys::RECORD_MARK_BOLD,
        keys::RECORD_MARK_ITALIC,
        keys::RECORD_MARK_LIST,
        keys::RECORD_MARK_NUMBERS,
        keys::RECORD_MARK_LINK,
        keys::RECORD_MARK_MENTION,
    ]
    .map(|k| v.t(k))
    .join("|")
}

/// A rendered page.
pub(crate) fn html(status: StatusCode, page: &impl Template, said: bool) -> Response {
    match page.render() {
        Ok(text) => {
            let r = (status, Html(text)).into_response();
            if said { door::said_it(r) } else { r }
        }
        Err(e) => {
            tracing::error!("a page could not be rendered: {e}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A page with a form: refused when something is wrong with what was typed.
pub(crate) fn checked(page: &impl Template, error: &str, said: bool) -> Response {
    let status = if error.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    html(status, page, said)
}

/// A page of an error, outside of the frame.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    c: Chrome,
    heading: String,
    lead: String,
    code: String,
}

/// The status of an error.
pub(crate) fn status(e: &AppError) -> StatusCode {
    match e.code() {
        "not-found" => StatusCode::NOT_FOUND,
        "unauthenticated" => StatusCode::UNAUTHORIZED,
        "forbidden" | "rights-changed" => StatusCode::FORBIDDEN,
        "invalid" | "not-permitted" | "wrong-code" => StatusCode::UNPROCESSABLE_ENTITY,
        c if c.starts_with("password-") => StatusCode::UNPROCESSABLE_ENTITY,
        "prove-again" => StatusCode::FORBIDDEN,
        "last-administrator" => StatusCode::CONFLICT,
        code if code.starts_with("consent-") => StatusCode::UNPROCESSABLE_ENTITY,
        "bad-filter" | "bad-parameter" | "bad-query" => StatusCode::BAD_REQUEST,
        "already-undone" | "conflict" | "duplicate" | "in-use" => StatusCode::CONFLICT,
        "limit-reached" | "rate-limited" => StatusCode::TOO_MANY_REQUESTS,
        "disk-full" => StatusCode::INSUFFICIENT_STORAGE,
        "timeout" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn error_chrome(language: Language, title: Key) -> Chrome {
    let v = Viewer {
        language,
        calendar: peyvand_calendar::Calendar::Jalali,
        digits: language.digits(),
        unit: peyvand_numbers::RialUnit::Rial,
        theme: "system",
        zone: peyvand_calendar::zone::tehran(),
        now: peyvand_core::Instant::default(),
    };
    let title = v.t(title);
    Chrome::outside(v, &title)
}

/// A page that says what did not work.
pub(crate) fn failure(e: &AppError, language: Language) -> Response {
    let status = status(e);
    if status.is_server_error() {
        tracing::error!(code = e.code(), "{e}");
    }
    let heading = match status {
        StatusCode::NOT_FOUND => keys::WEB_NOT_FOUND_TITLE,
        StatusCode::FORBIDDEN => keys::WEB_FORBIDDEN_TITLE,
        _ => keys::WEB_ERROR_TITLE,
    };
    let c = error_chrome(language, heading);
    let lead = if status == StatusCode::NOT_FOUND {
        c.t(keys::WEB_NOT_FOUND_LEAD)
    } else if status.is_server_error() {
        peyvand_i18n::text_of_code(language, "internal", &Args::new())
    } else {
        e.message(language)
    };
    let page = ErrorPage {
        heading: c.title.clone(),
        lead,
        code: status.as_str().to_owned(),
        c,
    };
    html(status, &page, false)
}

/// What every handler answers.
pub(crate) type Answer = Result<Response, Response>;

impl Visitor {
    /// Turns a use case's error into a page in the reader's language.
    pub(crate) fn fail(&self) -> impl Fn(AppError) -> Response + '_ {
        |e| failure(&e, self.view.language)
    }
}

/// The page behind an address that only takes forms: its record, or its list.
fn behind(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    parts.pop();
    // These have no page for each of what they list.
    let of_lists = matches!(parts.first(), Some(&("calendar" | "notifications" | "settings")));
    let counted = |part: &str| part.parse::<Id>().is_ok() || part.bytes().all(|b| b.is_ascii_digit());
    if of_lists && parts.last().is_some_and(|p| counted(p)) {
        parts.pop();
    }
    format!("/{}", parts.join("/"))
}

/// An address that takes forms can stand in the browser, when the form was refused on a page of its own: whoever asks for that
/// page, by a link back or by a change of language, is led to the one behind it.
pub(crate) async fn page_behind(_: Visitor, method: Method, uri: Uri) -> Response {
    if matches!(method, Method::GET | Method::HEAD) {
        return Redirect::to(&behind(uri.path())).into_response();
    }
    StatusCode::METHOD_NOT_ALLOWED.into_response()
}

/// No such page.
pub(crate) async fn not_found(State(_): State<Arc<App>>, headers: HeaderMap) -> Response {
    failure(&AppError::NotFound, door::language(&headers))
}
