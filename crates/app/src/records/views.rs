//! Saved views: what is kept can be shown. A view with a filter that nobody can read would be an error for ever.

use peyvand_calendar::zone;
use peyvand_catalog::handles::saved_view;
use peyvand_catalog::{FieldIx, ObjectDef, Text};
use peyvand_numbers::Language;
use peyvand_record::codec::{Expected, FieldError, FieldErrorCode as Code};
use peyvand_record::{Record, Value};

use super::groups::groupable;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

impl App {
    /// Holds what a change says of a view against the records that it shows. What the change does not say stays as it is: a
    /// view whose field is gone can still be renamed; with another kind of records all of it counts anew.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with the field of the view that cannot be.
    pub(super) async fn check_view(
        &self,
        caller: &Caller,
        view: &ObjectDef,
        before: Option<&Record>,
        values: &[(FieldIx, Value)],
    ) -> Result<(), AppError> {
        let said = |ix: FieldIx| values.iter().find(|(i, _)| *i == ix).map(|(_, v)| v);
        let another = said(saved_view::OBJECT_KEY).is_some();
        let stood = |ix: FieldIx| before.map(|b| b.get(ix));
        let told = |ix: FieldIx| {
            said(ix)
                .or_else(|| stood(ix).filter(|_| another))
                .and_then(Value::as_str)
        };
        let wrong = |ix, code, value: &str| AppError::Invalid(vec![FieldError::at(view, ix, code, value)]);

        let shown = said(saved_view::OBJECT_KEY).or_else(|| stood(saved_view::OBJECT_KEY));
        let key = shown.and_then(Value::as_str).unwrap_or_default();
        let Some(object) = caller.workspace.catalog().object(key) else {
            return Err(wrong(saved_view::OBJECT_KEY, Code::UnknownObject, key));
        };
        if let Some(text) = told(saved_view::FILTER_TEXT) {
            match self.filter(caller, object, text).await {
                Ok(_) => {}
                Err(AppError::Filter(e)) => {
                    let why = Text {
                        fa: e.message(Language::Fa),
                        en: e.message(Language::En),
                    };
                    let error = FieldError {
                        expected: Expected::Because(Box::new(why)),
                        ..FieldError::at(view, saved_view::FILTER_TEXT, Code::NotAFilter, text)
                    };
                    return Err(AppError::Invalid(vec![error]));
                }
                Err(e) => return Err(e),
            }
        }
        if let Some(text) = told(saved_view::SORT_BY)
            && self.check_sort(caller, object, text).is_err()
        {
            return Err(wrong(saved_view::SORT_BY, Code::NotAnOrder, text));
        }
        if let Some(zone) = said(saved_view::TIME_ZONE).and_then(Value::as_str)
            && zone::zone(zone).is_none()
        {
            return Err(wrong(saved_view::TIME_ZONE, Code::UnknownZone, zone));
        }
        if let Some(by) = told(saved_view::GROUP_BY) {
            let found = object.field(by);
            if !found.is_some_and(|(ix, f)| groupable(caller, object, ix, f)) {
                return Err(wrong(saved_view::GROUP_BY, Code::NotGroupable, by));
            }
        }
        let shown = said(saved_view::COLUMNS).or_else(|| stood(saved_view::COLUMNS).filter(|_| another));
        if let Some(Value::Json(json)) = shown
            && let Err(value) = columns(object, json)
        {
            let error = FieldError {
                expected: Expected::Columns,
                ..FieldError::at(view, saved_view::COLUMNS, Code::NotColumns, &value)
            };
            return Err(AppError::Invalid(vec![error]));
        }
        Ok(())
    }
}

/// A column as views and addresses name it, `city` or `city:120`: its field, and its width in pixels, 0 where none is said.
/// `None` for what is no field of the object or has no number for its width.
#[must_use]
pub fn column(object: &ObjectDef, part: &str) -> Option<(FieldIx, u16)> {
    let (key, width) = part.split_once(':').unwrap_or((part, "0"));
    let (ix, _) = object.field(key.trim())?;
    Some((ix, width.trim().parse().ok()?))
}

/// Reads the columns of a view and how close its rows stand.
///
/// # Errors
/// The part that cannot be.
fn columns(object: &ObjectDef, json: &serde_json::Value) -> Result<(), String> {
    let members = json.as_object().ok_or_else(|| json.to_string())?;
    for (key, value) in members {
        let text = value.as_str().ok_or_else(|| value.to_string())?;
        match key.as_str() {
            "columns" => {
                let mut parts = text.split(',').map(str::trim).filter(|p| !p.is_empty());
                if let Some(wrong) = parts.find(|p| column(object, p).is_none()) {
                    return Err(wrong.to_owned());
                }
            }
            "density" if matches!(text, "" | "compact") => {}
            _ => return Err(key.clone()),
        }
    }
    Ok(())
}
