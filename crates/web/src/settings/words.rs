//! Words for what the log and the queue of jobs keep as keys.

use peyvand_i18n::{Args, Key, keys};
use serde_json::Value as Json;

use crate::view::Viewer;

/// What can happen.
pub(super) const ACTIONS: [(&str, Key); 12] = [
    ("create", keys::SETTINGS_ACTION_CREATE),
    ("update", keys::SETTINGS_ACTION_UPDATE),
    ("delete", keys::SETTINGS_ACTION_DELETE),
    ("restore", keys::SETTINGS_ACTION_RESTORE),
    ("purge", keys::SETTINGS_ACTION_PURGE),
    ("merge", keys::SETTINGS_ACTION_MERGE),
    ("unmerge", keys::SETTINGS_ACTION_UNMERGE),
    ("export", keys::SETTINGS_ACTION_EXPORT),
    ("import", keys::IMPORT_TITLE),
    ("security", keys::SETTINGS_ACTION_SECURITY),
    ("bulk", keys::SETTINGS_ACTION_BULK),
    ("view", keys::SETTINGS_ACTION_VIEW),
];

/// The roads by which changes come.
pub(super) const ROADS: [(&str, Key); 6] = [
    ("web", keys::SETTINGS_VIA_WEB),
    ("api", keys::SETTINGS_VIA_API),
    ("cli", keys::SETTINGS_VIA_CLI),
    ("import", keys::SETTINGS_VIA_IMPORT),
    ("job", keys::SETTINGS_VIA_JOB),
    ("mcp", keys::SETTINGS_VIA_MCP),
];

/// The kinds of background jobs.
pub(super) const JOBS: [(&str, Key); 10] = [
    ("retention", keys::JOBS_RETENTION),
    ("purge", keys::JOBS_PURGE),
    ("derive", keys::JOBS_DERIVE),
    ("send", keys::JOBS_SEND),
    ("hand-over", keys::JOBS_HAND_OVER),
    ("follow-team", keys::JOBS_FOLLOW_TEAM),
    ("bulk-edit", keys::JOBS_BULK_EDIT),
    ("import-wizard", keys::IMPORT_TITLE),
    ("import", keys::IMPORT_TITLE),
    ("export", keys::EXPORT_TITLE),
];

/// What the log keeps beside an action that changes no field.
const EVENTS: [(&str, Key); 26] = [
    ("signed-in", keys::SETTINGS_LOG_SIGNED_IN),
    ("signed-in-with-code", keys::SETTINGS_LOG_SIGNED_IN_WITH_CODE),
    ("signed-out", keys::SETTINGS_LOG_SIGNED_OUT),
    ("device-signed-out", keys::SETTINGS_LOG_DEVICE_SIGNED_OUT),
    ("signed-out-everywhere", keys::SETTINGS_LOG_SIGNED_OUT_EVERYWHERE),
    ("switched-workspace", keys::SETTINGS_LOG_SWITCHED_WORKSPACE),
    ("proved", keys::SETTINGS_LOG_PROVED),
    ("dead-token-refused", keys::SETTINGS_LOG_DEAD_TOKEN_REFUSED),
    ("set-up", keys::SETTINGS_LOG_SET_UP),
    ("joined", keys::SETTINGS_LOG_JOINED),
    ("password-reset", keys::SETTINGS_LOG_PASSWORD_RESET),
    ("password-changed", keys::SETTINGS_LOG_PASSWORD_CHANGED),
    ("codes-switched-on", keys::SETTINGS_LOG_CODES_SWITCHED_ON),
    ("codes-switched-off", keys::SETTINGS_LOG_CODES_SWITCHED_OFF),
    (
        "recovery-codes-renewed",
        keys::SETTINGS_LOG_RECOVERY_CODES_RENEWED,
    ),
    ("invitation", keys::SETTINGS_LOG_INVITATION),
    ("reset-link", keys::SETTINGS_LOG_RESET_LINK),
    ("made", keys::LOG_MADE),
    ("revoked", keys::LOG_REVOKED),
    ("settings", keys::LOG_SETTINGS),
    ("definitions", keys::LOG_DEFINITIONS),
    ("workspace", keys::LOG_WORKSPACE),
    ("handed_over_to", keys::LOG_HANDED_OVER),
    ("shared_with", keys::LOG_SHARED),
    ("refused", keys::LOG_REFUSED),
    ("read", keys::LOG_READ),
];

/// The words of a key of a list.
pub(super) fn said(v: &Viewer, list: &[(&str, Key)], key: &str) -> String {
    let found = list.iter().find(|(k, _)| *k == key);
    v.t(found.map_or(keys::SETTINGS_ACTION_OTHER, |(_, label)| *label))
}

/// What a job does.
pub(super) fn job(v: &Viewer, kind: &str) -> String {
    let found = JOBS.iter().find(|(k, _)| *k == kind);
    found.map_or_else(|| kind.to_owned(), |(_, label)| v.t(*label))
}

/// What an entry is about that is about no record.
pub(super) fn subject(v: &Viewer, object: &str) -> String {
    match object {
        "workspace" => v.t(keys::LOG_WORKSPACE),
        other => other.to_owned(),
    }
}

/// Words for a part of an entry; `None` where there are none, and empty for a part that says nothing to people.
pub(super) fn detail(v: &Viewer, key: &str, what: &Json) -> Option<String> {
    let word = |k: &str| EVENTS.iter().find(|(e, _)| *e == k).map(|(_, label)| v.t(*label));
    let named = |label: Key, name: &str| v.with(label, &Args::new().word("name", name.to_owned()));
    match (key, what) {
        ("token", Json::String(name)) => Some(named(keys::LOG_TOKEN_NAMED, name)),
        // Ids mean nothing to people: the token stands there by its name.
        ("made" | "revoked", Json::String(_)) => word(key),
        (
            "handed_over_to" | "shared_with" | "refused" | "read" | "invitation" | "reset-link" | "settings"
            | "definitions" | "workspace",
            _,
        ) => word(key),
        ("changes" | "object" | "since" | "may" | "restricted" | "stopped_after", _) => Some(String::new()),
        ("records", Json::Number(n)) => {
            let count = n.as_i64().unwrap_or_default();
            Some(v.with(keys::EXPORT_RECORDS, &Args::new().number("count", count)))
        }
        (_, Json::String(text)) => word(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use peyvand_record::AuditAction;

    #[test]
    fn each_action_has_words() {
        let known: BTreeSet<&str> = super::ACTIONS.iter().map(|(k, _)| *k).collect();
        let all: BTreeSet<&str> = AuditAction::ALL.iter().map(|a| a.key()).collect();
        assert_eq!(known, all);
    }
}
