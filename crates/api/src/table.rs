//! The table of routes: each operation stands in it once, with its method, address, policy, parameters, and the shapes of
//! body and answer. What answers a request, what describes the interface and what tests the policy read this table, so
//! that a route without a policy cannot be written.

use std::fmt;
use std::pin::Pin;
use std::sync::OnceLock;

use axum::http::Method;
use peyvand_catalog::{ObjectDef, Writes};
use peyvand_i18n::Key;
use peyvand_record::Verb;

use crate::call::{Answer, Call};
use crate::repeat::Repeat;
use crate::shape::Shape;

/// Who may call an operation. The reach of a right (own, team, all) is held by the store, record by record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a token.
    Anyone,
    /// Everyone who is signed in: the answer holds nothing but what is the caller's own or what their rights let them see.
    Member,
    /// Who has this right on the object in the address.
    Records(Verb),
    /// Who has this right on all records of this object.
    All(&'static str, Verb),
    /// Administrators.
    Administrator,
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Text of at most so many characters: all of a list's together fit into an address.
    Text(usize),
    /// A whole number within these bounds.
    Whole(i64, i64),
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An id.
    Id,
    /// A point in time, RFC 3339.
    Instant,
}

/// A parameter behind the `?`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) about: Key,
}

/// The body that an operation takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Body {
    /// None: one that is sent is not read.
    None,
    /// JSON of this shape.
    Json(Shape),
    /// Bytes of this media type, at most so many.
    Bytes(&'static str, usize),
}

impl Body {
    /// Is it JSON?
    pub(crate) const fn has_json(self) -> bool {
        matches!(self, Self::Json(_))
    }
}

/// What an operation answers when all went well.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    /// JSON of this shape.
    Json(u16, Shape),
    /// Nothing but the status.
    Empty(u16),
    /// The bytes of a file.
    File,
    /// A stream of events.
    Events,
    /// A page or its style sheet.
    Page(&'static str),
    /// The description of the interface.
    Description,
}

/// For which objects an operation of every object is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// For all.
    Always,
    /// For those that take generic writes.
    Written,
    /// For those of which two can be merged.
    Merged,
    /// For those with a row on the spine: timeline, keys of other systems.
    Spine,
    /// For those on the spine that take generic writes.
    WrittenSpine,
}

impl When {
    /// Is it there for this object?
    pub(crate) fn holds(self, object: &ObjectDef) -> bool {
        let written = object.writes == Writes::Generic;
        match self {
            Self::Always => true,
            Self::Written => written,
            Self::Merged => object.mergeable && written,
            Self::Spine => object.spine,
            Self::WrittenSpine => object.spine && written,
        }
    }
}

/// What does the work of an operation.
pub(crate) type Run = fn(Call) -> Pin<Box<dyn Future<Output = Answer> + Send>>;

/// One operation: a method at an address.
pub(crate) struct Operation {
    /// The method.
    pub(crate) method: Method,
    /// The address from the root; `{name}` stands for one segment. `{plural}` is the name of an object.
    pub(crate) path: &'static str,
    /// Its stable name.
    pub(crate) id: &'static str,
    /// The part of the reference that it stands in.
    pub(crate) tag: &'static str,
    /// Who may call it.
    pub(crate) access: Access,
    /// For which objects it is there, when the address names one.
    pub(crate) when: When,
    /// One sentence about it.
    pub(crate) about: Key,
    /// Its parameters.
    pub(crate) params: &'static [Param],
    /// Headers that it reads.
    pub(crate) headers: &'static [&'static str],
    /// Its body.
    pub(crate) body: Body,
    /// Its answer.
    pub(crate) reply: Reply,
    /// May its caller be known by the session's cookie? Only where nothing is changed.
    pub(crate) cookie: bool,
    /// What becomes of a request that comes again; asked of those that change something by POST or PATCH and take no key
    /// of their own.
    pub(crate) repeat: Repeat,
    /// Statuses of problems beside those that every operation of its kind has.
    pub(crate) problems: &'static [u16],
    /// The work.
    pub(crate) run: Run,
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({:?})", self.method, self.path, self.access)
    }
}

/// What an operation has unless it says otherwise. There is no such thing as a policy by default: `access` is an argument.
pub(crate) const fn operation(
    method: Method,
    path: &'static str,
    id: &'static str,
    access: Access,
    about: Key,
    reply: Reply,
    run: Run,
) -> Operation {
    Operation {
        method,
        path,
        id,
        tag: "records",
        access,
        when: When::Always,
        about,
        params: &[],
        headers: &[],
        body: Body::None,
        reply,
        cookie: false,
        repeat: Repeat::Kept,
        problems: &[],
        run,
    }
}

/// An operation with the segments of its address.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) operation: Operation,
    pub(crate) segments: Vec<&'static str>,
}

/// A segment that stands for a value.
pub(crate) fn variable(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

impl Entry {
    /// Does the address of a request lead here?
    pub(crate) fn fits(&self, path: &[String]) -> bool {
        self.segments.len() == path.len()
            && self.segments.iter().zip(path).all(|(s, p)| match variable(s) {
                // What is no id leads nowhere, so that `/tags/batch` is one address and not also that of a record.
                Some("id") => p.parse::<peyvand_core::Id>().is_ok(),
                Some(_) => !p.is_empty(),
                None => s == p,
            })
    }

    /// Is it there for every object?
    pub(crate) fn is_generic(&self) -> bool {
        self.segments.get(2) == Some(&"{plural}")
    }

    /// Which segments are given, as bits from the first one: an address that is given more closely comes first.
    pub(crate) fn closeness(&self) -> u32 {
        self.segments
            .iter()
            .enumerate()
            .map(|(n, s)| u32::from(variable(s).is_none()) << (16 - n.min(16)))
            .sum()
    }
}

/// Every operation.
pub(crate) fn table() -> &'static [Entry] {
    static TABLE: OnceLock<Vec<Entry>> = OnceLock::new();
    TABLE.get_or_init(|| {
        crate::operations()
            .into_iter()
            .map(|operation| Entry {
                segments: operation.path.split('/').skip(1).collect(),
                operation,
            })
            .collect()
    })
}

/// An operation as tests of the policy see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// The method.
    pub method: &'static str,
    /// The address.
    pub path: &'static str,
    /// The name.
    pub id: &'static str,
    /// Who may call it.
    pub access: Access,
}

/// Every operation with its policy.
#[must_use]
pub fn declared() -> Vec<Declared> {
    table()
        .iter()
        .map(|e| Declared {
            method: match e.operation.method {
                Method::GET => "GET",
                Method::POST => "POST",
                Method::PUT => "PUT",
                Method::PATCH => "PATCH",
                _ => "DELETE",
            },
            path: e.operation.path,
            id: e.operation.id,
            access: e.operation.access,
        })
        .collect()
}
