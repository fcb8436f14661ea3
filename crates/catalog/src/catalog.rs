//! The catalog of one workspace: the standard objects plus its own, checked as a whole.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use peyvand_numbers::Currency;

use crate::checks::{check_key, check_object, check_plural};
use crate::choices::OwnChoices;
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
    /// The currency in which every amount has its twin.
    pub base_currency: Currency,
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

    /// The standard catalog with a workspace's own fields (by object key) and objects. Deleted fields and
    /// objects are left out of the result; the fields keep their number.
    pub fn with_custom(
        fields: &BTreeMap<String, Vec<FieldDef>>,
        objects: &[ObjectDef],
        revision: i64,
    ) -> Result<Self, CatalogError> {
        Self::with_own(fields, objects, &OwnChoices::new(), revision)
    }

    /// The same, and shipped fields with the workspace's own choices.
    ///
    /// # Errors
    /// The first thing that is wrong with any of them.
    pub fn with_own(
        fields: &BTreeMap<String, Vec<FieldDef>>,
        objects: &[ObjectDef],
        choices: &OwnChoices,
        revision: i64,
    ) -> Result<Self, CatalogError> {
        let mut all: Vec<ObjectDef> = Self::standard().objects.iter().map(|o| (**o).clone()).collect();
        for (key, own) in choices {
            crate::choices::overlay(&mut all, key, own)?;
        }
        for object in objects.iter().filter(|o| o.deleted_on.is_none()) {
            let mut object = object.clone();
            object.fields.retain(|f| f.deleted_on.is_none());
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

    /// A catalog of exactly these objects, as [`parse_object`] read them: no shipped object is added.
    ///
    /// # Errors
    /// The first thing that is wrong with any of them or with the whole.
    pub fn from_objects(objects: Vec<ObjectDef>, revision: i64) -> Result<Self, CatalogError> {
        Self::assemble(objects, revision)
    }

    /// The same catalog for a workspace with another base currency.
    #[must_use]
    pub fn in_currency(&self, base_currency: Currency) -> Self {
        Self {
            base_currency,
            ..self.clone()
        }
    }

    fn assemble(objects: Vec<ObjectDef>, revision: i64) -> Result<Self, CatalogError> {
        let mut by_key = HashMap::new();
        let mut by_plural = HashMap::new();
        for (i, object) in objects.iter().enumerate() {
            check_key(&object.key)?;
            check_plural(&object.plural)?;
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
            base_currency: Currency::IRR,
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
        check: None,
        channel: None,
        choices: Vec::new(),
        open: false,
        default: None,
        to: None,
        inverse: None,
        on_delete: None,
        on_merge: None,
        of: None,
        formula: None,
        section: Some("system".to_owned()),
        sum: None,
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
