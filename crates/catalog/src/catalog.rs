//! The catalog of one workspace: the standard objects plus its own, checked as a whole.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use crate::definition::{Class, FieldDef, FieldIx, ObjectDef, Text, Writes};
use crate::errors::CatalogError;
use crate::sources::SOURCES;
use crate::types::FieldType;

/// A relation seen from its target: the records of `object` whose link `field` points here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inverse {
    /// Name in filters: `orders`.
    pub name: String,
    /// The linking object.
    pub object: String,
    /// Its link.
    pub field: FieldIx,
}

/// All objects of a workspace.
#[derive(Debug, Clone)]
pub struct Catalog {
    objects: Vec<Arc<ObjectDef>>,
    by_key: HashMap<String, usize>,
    by_plural: HashMap<String, usize>,
    inverses: HashMap<String, Vec<Inverse>>,
    /// Grows with every change of the workspace's own definitions.
    pub revision: i64,
}

static STANDARD: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
    let objects = SOURCES
        .iter()
        .map(|(key, text)| parse_object(key, text))
        .collect::<Result<Vec<_>, _>>()
        .and_then(|objects| Catalog::assemble(objects, 0));
    match objects {
        Ok(c) => Arc::new(c),
        // The shipped files are held right by the tests; a build that reaches this never left the workshop.
        Err(e) => panic!("a shipped object definition is wrong: {e}"),
    }
});

impl Catalog {
    /// The catalog of a workspace that has added nothing.
    #[must_use]
    pub fn standard() -> Arc<Self> {
        Arc::clone(&STANDARD)
    }

    /// The standard catalog with a workspace's own fields (by object key) and objects. Deleted fields are left out
    /// of the result but keep their number.
    pub fn with_custom(
        fields: &BTreeMap<String, Vec<FieldDef>>,
        objects: &[ObjectDef],
        revision: i64,
    ) -> Result<Self, CatalogError> {
        let mut all: Vec<ObjectDef> = Self::standard().objects.iter().map(|o| (**o).clone()).collect();
        for object in objects {
            let mut object = object.clone();
            object.custom = true;
            for field in &mut object.fields {
                field.custom = true;
            }
            add_system_fields(&mut object);
            all.push(object);
        }
        for (key, own) in fields {
            let Some(object) = all.iter_mut().find(|o| o.key == *key) else {
                return Err(CatalogError::Unknown {
                    object: key.clone(),
                    field: own.first().map(|f| f.key.clone()).unwrap_or_default(),
                    target: key.clone(),
                });
            };
            for field in own.iter().filter(|f| f.deleted_on.is_none()) {
                let mut field = field.clone();
                field.custom = true;
                object.fields.push(field);
            }
        }
        Self::assemble(all, revision)
    }

    fn assemble(objects: Vec<ObjectDef>, revision: i64) -> Result<Self, CatalogError> {
        let mut by_key = HashMap::new();
        let mut by_plural = HashMap::new();
        for (i, object) in objects.iter().enumerate() {
            check_key(&object.key)?;
            if by_key.insert(object.key.clone(), i).is_some()
                || by_plural.insert(object.plural.clone(), i).is_some()
            {
                return Err(CatalogError::Duplicate {
                    object: object.key.clone(),
                    key: object.key.clone(),
                });
            }
        }
        let mut inverses: HashMap<String, Vec<Inverse>> = HashMap::new();
        for object in &objects {
            check_object(object, &by_key)?;
            for (i, field) in object.fields.iter().enumerate() {
                if let (FieldType::Link | FieldType::Links, Some(to), Some(name)) =
                    (field.ty, &field.to, &field.inverse)
                {
                    inverses.entry(to.clone()).or_default().push(Inverse {
                        name: name.clone(),
                        object: object.key.clone(),
                        field: FieldIx(i as u16),
                    });
                }
            }
        }
        for (target, list) in &inverses {
            let mut names: HashSet<&str> = HashSet::new();
            if let Some(&i) = by_key.get(target) {
                names.extend(objects[i].fields.iter().map(|f| f.key.as_str()));
            }
            for inverse in list {
                if !names.insert(&inverse.name) {
                    return Err(CatalogError::Duplicate {
                        object: target.clone(),
                        key: inverse.name.clone(),
                    });
                }
            }
        }
        Ok(Self {
            objects: objects.into_iter().map(Arc::new).collect(),
            by_key,
            by_plural,
            inverses,
            revision,
        })
    }

    /// The objects, standard ones first, each in a fixed order.
    #[must_use]
    pub fn objects(&self) -> &[Arc<ObjectDef>] {
        &self.objects
    }

    /// The object with this key.
    #[must_use]
    pub fn object(&self, key: &str) -> Option<&Arc<ObjectDef>> {
        self.by_key.get(key).map(|&i| &self.objects[i])
    }

    /// The object with this plural name (as in addresses).
    #[must_use]
    pub fn by_plural(&self, plural: &str) -> Option<&Arc<ObjectDef>> {
        self.by_plural.get(plural).map(|&i| &self.objects[i])
    }

    /// The relations that end at this object.
    #[must_use]
    pub fn inverses(&self, object: &str) -> &[Inverse] {
        self.inverses.get(object).map_or(&[], Vec::as_slice)
    }

    /// The relation of this object with this name.
    #[must_use]
    pub fn inverse(&self, object: &str, name: &str) -> Option<&Inverse> {
        self.inverses(object).iter().find(|i| i.name == name)
    }

    /// Every link of every object that can point to records of `target` (links to any object included).
    pub fn links_to<'a>(
        &'a self,
        target: &'a str,
    ) -> impl Iterator<Item = (&'a Arc<ObjectDef>, FieldIx)> + 'a {
        self.objects.iter().flat_map(move |o| {
            o.fields
                .iter()
                .enumerate()
                .filter(move |(_, f)| {
                    matches!(f.stored(), FieldType::Link | FieldType::Links | FieldType::File)
                        && f.to.as_deref().is_some_and(|t| t == target || t == "*")
                })
                .map(move |(i, _)| (o, FieldIx(i as u16)))
        })
    }
}

/// Reads one object definition and puts the system fields in front.
///
/// # Errors
/// When the text is not a definition; the catalog as a whole is checked later.
pub fn parse_object(key: &str, text: &str) -> Result<ObjectDef, CatalogError> {
    let mut object: ObjectDef = toml::from_str(text).map_err(|e| CatalogError::Unreadable {
        object: key.to_owned(),
        reason: e.to_string(),
    })?;
    add_system_fields(&mut object);
    Ok(object)
}

fn add_system_fields(object: &mut ObjectDef) {
    let own = std::mem::take(&mut object.fields);
    let label = |fa: &str, en: &str| Text {
        fa: fa.to_owned(),
        en: en.to_owned(),
    };
    let system = |key: &str, ty: FieldType, label: Text, sort: bool| FieldDef {
        key: key.to_owned(),
        ty,
        label,
        help: None,
        required: false,
        unique: false,
        filter: true,
        sort,
        search: None,
        class: Class::Business,
        writes: Writes::UseCase,
        max_length: None,
        scale: None,
        min: None,
        max: None,
        channel: None,
        choices: Vec::new(),
        default: None,
        to: None,
        inverse: None,
        on_delete: None,
        on_merge: None,
        of: None,
        formula: None,
        section: Some("system".to_owned()),
        list: false,
        custom: false,
        number: None,
        deleted_on: None,
    };
    let user_link = |key: &str, label: Text| FieldDef {
        to: Some("user".to_owned()),
        on_delete: Some(crate::OnDelete::Keep),
        on_merge: Some(crate::OnMerge::Keep),
        ..system(key, FieldType::Link, label, false)
    };
    let mut fields = vec![
        FieldDef {
            to: Some(object.key.clone()),
            on_delete: Some(crate::OnDelete::Keep),
            on_merge: Some(crate::OnMerge::Keep),
            ..system("id", FieldType::Link, label("شناسه", "Id"), true)
        },
        system("version", FieldType::Number, label("نسخه", "Version"), false),
        system(
            "created_at",
            FieldType::Instant,
            label("زمان ایجاد", "Created"),
            true,
        ),
        system(
            "updated_at",
            FieldType::Instant,
            label("آخرین تغییر", "Updated"),
            true,
        ),
        user_link("created_by", label("ایجادکننده", "Created by")),
        user_link("updated_by", label("آخرین ویرایشگر", "Updated by")),
        system(
            "deleted_at",
            FieldType::Instant,
            label("زمان حذف", "Deleted"),
            false,
        ),
    ];
    if object.ownable {
        let mut owner = user_link("owner_id", label("کارشناس", "Owner"));
        owner.writes = Writes::Generic;
        let mut team = user_link("team_id", label("تیم", "Team"));
        team.to = Some("team".to_owned());
        team.writes = Writes::Generic;
        fields.extend([owner, team]);
    }
    fields.extend(own);
    object.fields = fields;
}

const RESERVED: &[&str] = &[
    "and",
    "or",
    "not",
    "null",
    "true",
    "false",
    "in",
    "any",
    "all",
    "count",
    "sum",
    "custom",
    "object",
    "workspace_id",
    "rid",
];

fn check_key(key: &str) -> Result<(), CatalogError> {
    let ok = !key.is_empty()
        && key.len() <= 48
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && key
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !key.contains("__")
        && !RESERVED.contains(&key);
    if ok {
        Ok(())
    } else {
        Err(CatalogError::BadKey { key: key.to_owned() })
    }
}

fn check_object(object: &ObjectDef, objects: &HashMap<String, usize>) -> Result<(), CatalogError> {
    let mut seen = HashSet::new();
    for field in &object.fields {
        check_key(&field.key)?;
        if !seen.insert(field.key.as_str()) {
            return Err(CatalogError::Duplicate {
                object: object.key.clone(),
                key: field.key.clone(),
            });
        }
        check_field(object, field, objects)?;
    }
    let named = object
        .timeline
        .iter()
        .chain(object.timeline_at.iter())
        .chain(object.parent.iter())
        .chain(object.parent_or.iter())
        .chain(std::iter::once(&object.title))
        .chain(object.unique.iter().flatten())
        .chain(object.index.iter().flatten());
    for key in named {
        if !seen.contains(key.as_str()) {
            return Err(CatalogError::Unknown {
                object: object.key.clone(),
                field: object.key.clone(),
                target: key.clone(),
            });
        }
    }
    Ok(())
}

fn check_field(
    object: &ObjectDef,
    field: &FieldDef,
    objects: &HashMap<String, usize>,
) -> Result<(), CatalogError> {
    let wrong = |problem| {
        Err(CatalogError::Field {
            object: object.key.clone(),
            field: field.key.clone(),
            problem,
        })
    };
    let stored = field.stored();
    if field.label.fa.trim().is_empty() || field.label.en.trim().is_empty() {
        return wrong("label-missing");
    }
    if matches!(stored, FieldType::Choice | FieldType::Choices) && field.choices.is_empty() {
        return wrong("choices-missing");
    }
    let mut keys = HashSet::new();
    if field
        .choices
        .iter()
        .any(|c| !keys.insert(&c.key) || c.fa.is_empty() || c.en.is_empty())
    {
        return wrong("choices-wrong");
    }
    if matches!(stored, FieldType::Link | FieldType::Links) {
        match field.to.as_deref() {
            None => return wrong("link-without-target"),
            Some("*") => {}
            Some(t) if objects.contains_key(t) => {}
            Some(t) => {
                return Err(CatalogError::Unknown {
                    object: object.key.clone(),
                    field: field.key.clone(),
                    target: t.to_owned(),
                });
            }
        }
        if !field.custom && !field.is_system() && (field.on_delete.is_none() || field.on_merge.is_none()) {
            return wrong("link-without-rule");
        }
    }
    if matches!(field.ty, FieldType::Points) && field.channel.is_none() {
        return wrong("points-without-channel");
    }
    if matches!(field.ty, FieldType::Formula) && field.formula.is_none() {
        return wrong("formula-missing");
    }
    if matches!(field.ty, FieldType::Formula | FieldType::Computed) && field.of.is_none() {
        return wrong("stored-type-missing");
    }
    if field.sort && !stored.is_sortable() {
        return wrong("type-not-sortable");
    }
    if field.unique
        && !matches!(
            stored,
            FieldType::Code | FieldType::Email | FieldType::Phone | FieldType::Number | FieldType::Text
        )
    {
        return wrong("type-not-unique");
    }
    if let Some(d) = &field.default {
        let fits = match stored {
            FieldType::Choice => d.as_str().is_some_and(|k| field.choice(k).is_some()),
            FieldType::Boolean => d.as_bool().is_some(),
            FieldType::Number | FieldType::Decimal => d.as_integer().is_some(),
            FieldType::Text | FieldType::Code => d.as_str().is_some(),
            _ => false,
        };
        if !fits {
            return wrong("default-wrong");
        }
    }
    Ok(())
}
