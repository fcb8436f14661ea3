//! The shipped definitions, as a whole.

use std::collections::{BTreeSet, HashMap};

use peyvand_catalog::{Catalog, Class, FieldDef, FieldIx, FieldType, Writes, definition::system, handles};

/// The vocabulary of the product.
const OBJECTS: &[(&str, &str)] = &[
    ("activity", "activities"),
    ("campaign", "campaigns"),
    ("category", "categories"),
    ("company", "companies"),
    ("competitor", "competitors"),
    ("consent_entry", "consent-entries"),
    ("contact", "contacts"),
    ("contact_point", "contact-points"),
    ("currency_rate", "currency-rates"),
    ("deal", "deals"),
    ("deal_contact", "deal-contacts"),
    ("deal_line", "deal-lines"),
    ("employment", "employments"),
    ("file", "files"),
    ("holiday", "holidays"),
    ("interaction", "interactions"),
    ("list", "lists"),
    ("list_member", "list-members"),
    ("lost_reason", "lost-reasons"),
    ("message", "messages"),
    ("need", "needs"),
    ("note", "notes"),
    ("notification", "notifications"),
    ("order", "orders"),
    ("order_line", "order-lines"),
    ("perception", "perceptions"),
    ("pipeline", "pipelines"),
    ("price_list", "price-lists"),
    ("price_list_item", "price-list-items"),
    ("product", "products"),
    ("relationship", "relationships"),
    ("role", "roles"),
    ("saved_view", "saved-views"),
    ("setting", "settings"),
    ("stage", "stages"),
    ("tag", "tags"),
    ("team", "teams"),
    ("territory", "territories"),
    ("user", "users"),
    ("working_hours", "working-hours"),
];

#[test]
fn every_object_of_the_vocabulary_is_there_and_no_other() {
    let catalog = Catalog::standard();
    let there: BTreeSet<(&str, &str)> = catalog
        .objects()
        .iter()
        .map(|o| (o.key.as_str(), o.plural.as_str()))
        .collect();
    assert_eq!(there, OBJECTS.iter().copied().collect());
    for (key, plural) in OBJECTS {
        assert_eq!(catalog.by_plural(plural).map(|o| o.key.as_str()), Some(*key));
    }
}

/// Letters of the Persian alphabet that other uses of the script do not share, and those that they do, without the
/// Arabic yeh, kaf and teh marbuta.
fn is_persian(text: &str) -> bool {
    let letter = |c: char| ('\u{0621}'..='\u{06cc}').contains(&c);
    let arabic = ['\u{064a}', '\u{0643}', '\u{0629}', '\u{0649}'];
    text.chars().any(letter) && !text.contains(arabic)
}

fn is_english(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_alphabetic())
        && !text.chars().any(|c| ('\u{0621}'..='\u{06cc}').contains(&c))
}

#[test]
fn the_judge_of_labels_knows_wrong_ones() {
    assert!(is_persian("شرکت‌ها"));
    for wrong in ["Company", "شركت", "تاريخ", ""] {
        assert!(!is_persian(wrong), "{wrong}");
    }
    assert!(is_english("Company") && !is_english("شرکت") && !is_english("Company شرکت"));
}

#[test]
fn every_text_is_persian_and_english() {
    for object in Catalog::standard().objects() {
        let mut texts = vec![
            (object.key.clone(), object.label.clone()),
            (object.key.clone(), object.labels.clone()),
        ];
        for field in &object.fields {
            let at = format!("{}.{}", object.key, field.key);
            texts.push((at.clone(), field.label.clone()));
            texts.extend(field.help.clone().map(|h| (at.clone(), h)));
            for choice in &field.choices {
                let text = peyvand_catalog::Text {
                    fa: choice.fa.clone(),
                    en: choice.en.clone(),
                };
                // The names of the two sets of digits show the digits themselves.
                if field.key != "digits" {
                    texts.push((format!("{at}={}", choice.key), text));
                }
            }
        }
        for (at, text) in texts {
            assert!(is_persian(&text.fa), "{at}: {}", text.fa);
            assert!(is_english(&text.en), "{at}: {}", text.en);
            assert_ne!(text.fa, text.en, "{at}");
            for (name, s) in [("fa", &text.fa), ("en", &text.en)] {
                assert_eq!(s.trim(), s, "{at} {name}");
                assert!(!s.contains("  "), "{at} {name}");
            }
            // The plural suffix and the prefix می are joined by a half-space.
            for loose in [" ها", " های", " می "] {
                let found = text.fa.contains(loose)
                    && text
                        .fa
                        .split(loose)
                        .nth(1)
                        .is_none_or(|rest| rest.is_empty() || rest.starts_with(' '));
                assert!(!found, "{at}: {} lacks a half-space", text.fa);
            }
        }
    }
}

#[test]
fn two_fields_of_one_object_have_two_labels() {
    for object in Catalog::standard().objects() {
        for pick in [
            |f: &FieldDef| f.label.fa.clone(),
            |f: &FieldDef| f.label.en.clone(),
        ] {
            let mut seen: HashMap<String, &str> = HashMap::new();
            for field in &object.fields {
                let other = seen.insert(pick(field), &field.key);
                assert_eq!(other, None, "{}.{} shares its label", object.key, field.key);
            }
        }
    }
}

/// Fields of other objects whose values tell about a person.
const PERSONAL: &[(&str, &str)] = &[
    ("company", "emails"),
    ("company", "phones"),
    ("deal", "contact_id"),
    ("order", "contact_id"),
    ("order", "address"),
    ("order", "city"),
    ("activity", "contact_id"),
    ("activity", "invitees"),
    ("interaction", "subject"),
    ("interaction", "body"),
    ("interaction", "contact_id"),
    ("interaction", "sentiment"),
    ("note", "body"),
    ("file", "name"),
    ("user", "name"),
    ("user", "email"),
    ("list_member", "target_id"),
];

#[test]
fn what_describes_a_person_is_at_least_personal() {
    let catalog = Catalog::standard();
    let whole = [
        "contact",
        "contact_point",
        "employment",
        "consent_entry",
        "message",
        "need",
        "perception",
        "relationship",
        "deal_contact",
        "list_member",
    ];
    for key in whole {
        let object = catalog.object(key).unwrap();
        for field in object.fields.iter().filter(|f| !f.is_system()) {
            assert!(field.class >= Class::Personal, "{key}.{}", field.key);
        }
    }
    for (object, key) in PERSONAL {
        let (_, field) = catalog.object(object).unwrap().field(key).unwrap();
        assert!(field.class >= Class::Personal, "{object}.{key}");
    }
    // Whatever links to a contact says something about a person, and so does any e-mail, phone or name of one.
    for object in catalog.objects() {
        for field in object.fields.iter().filter(|f| !f.is_system()) {
            let telling = field.to.as_deref() == Some("contact")
                || matches!(
                    field.ty,
                    FieldType::PersonName | FieldType::Email | FieldType::Phone | FieldType::Points
                );
            assert!(
                !telling || field.class >= Class::Personal,
                "{}.{}",
                object.key,
                field.key
            );
        }
    }
    let class = |o: &str, f: &str| catalog.object(o).unwrap().field(f).unwrap().1.class;
    assert_eq!(class("contact", "national_id"), Class::Sensitive);
    assert_eq!(class("consent_entry", "address_hash"), Class::Secret);
}

#[test]
fn what_must_not_take_a_generic_write_says_so() {
    let catalog = Catalog::standard();
    let writes = |key: &str| catalog.object(key).unwrap().writes;
    assert_eq!(writes("consent_entry"), Writes::Append);
    for key in [
        "user",
        "role",
        "team",
        "setting",
        "contact_point",
        "file",
        "message",
        "notification",
    ] {
        assert_eq!(writes(key), Writes::UseCase, "{key}");
    }
    for key in [
        "contact",
        "company",
        "deal",
        "order",
        "order_line",
        "product",
        "activity",
        "interaction",
    ] {
        assert_eq!(writes(key), Writes::Generic, "{key}");
    }
}

#[test]
fn every_link_is_covered_by_a_rule_for_delete_and_merge() {
    let catalog = Catalog::standard();
    let mut links = 0;
    for target in catalog.objects() {
        for (object, ix) in catalog.links_to(&target.key) {
            let field = object.at(ix).unwrap();
            assert!(
                field.on_delete.is_some() && field.on_merge.is_some(),
                "{}.{} → {}",
                object.key,
                field.key,
                target.key
            );
            links += 1;
        }
    }
    assert!(links > 300, "{links} links were seen");
    // What must reach the survivor of a merge, by name: losing one of these loses a customer's history.
    let to_contact: BTreeSet<String> = catalog
        .links_to("contact")
        .map(|(o, ix)| format!("{}.{}", o.key, o.at(ix).unwrap().key))
        .collect();
    for link in [
        "contact_point.contact_id",
        "employment.contact_id",
        "deal.contact_id",
        "deal_contact.contact_id",
        "order.contact_id",
        "activity.contact_id",
        "activity.target_id",
        "interaction.contact_id",
        "interaction.participant_ids",
        "note.contact_id",
        "note.target_id",
        "need.contact_id",
        "perception.contact_id",
        "relationship.from_contact_id",
        "relationship.to_contact_id",
        "list_member.target_id",
        "contact.referred_by_id",
        "consent_entry.contact_id",
    ] {
        assert!(to_contact.contains(link), "{link}");
    }
}

#[test]
fn an_object_without_a_row_of_its_own_in_the_spine_has_a_parent_that_goes_with_it() {
    for object in Catalog::standard().objects() {
        for key in object.parent.iter().chain(&object.parent_or) {
            let (_, field) = object.field(key).unwrap();
            assert!(!object.spine, "{}", object.key);
            assert_eq!(
                field.on_delete,
                Some(peyvand_catalog::OnDelete::Cascade),
                "{}.{key}",
                object.key
            );
        }
    }
}

#[test]
fn relations_are_found_by_name() {
    let catalog = Catalog::standard();
    for (object, name, from) in [
        ("contact", "deals", "deal"),
        ("contact", "orders", "order"),
        ("contact", "activities", "activity"),
        ("contact", "interactions", "interaction"),
        ("contact", "contact_points", "contact_point"),
        ("contact", "employments", "employment"),
        ("company", "contacts", "contact"),
        ("company", "subsidiaries", "company"),
        ("company", "deals", "deal"),
        ("order", "lines", "order_line"),
        ("pipeline", "stages", "stage"),
        ("stage", "deals", "deal"),
    ] {
        assert_eq!(
            catalog.inverse(object, name).map(|i| i.object.as_str()),
            Some(from),
            "{object}.{name}"
        );
    }
}

/// A handle leads to the field of its name.
fn leads(object: &str, handle: FieldIx, key: &str) {
    let catalog = Catalog::standard();
    assert_eq!(
        catalog.object(object).unwrap().at(handle).map(|f| f.key.as_str()),
        Some(key),
        "{object}"
    );
}

#[test]
fn handles_lead_to_their_fields() {
    let catalog = Catalog::standard();
    assert_eq!(handles::ALL.len(), catalog.objects().len());
    for ((key, fields), object) in handles::ALL.iter().zip(catalog.objects()) {
        assert_eq!(*key, object.key);
        assert_eq!(fields.len(), object.fields.len(), "{key}");
        for (field, handle) in *fields {
            assert_eq!(
                object.field(field).map(|(ix, _)| ix),
                Some(*handle),
                "{key}.{field}"
            );
        }
    }
    leads(handles::contact::OBJECT, handles::contact::LIFECYCLE, "lifecycle");
    leads(handles::deal::OBJECT, handles::deal::STAGE_ID, "stage_id");
    leads(
        handles::order_line::OBJECT,
        handles::order_line::QUANTITY,
        "quantity",
    );
    leads(handles::setting::OBJECT, handles::setting::VALUE, "value");
    for object in catalog.objects() {
        leads(&object.key, system::ID, "id");
        leads(&object.key, system::DELETED_AT, "deleted_at");
        if object.ownable {
            leads(&object.key, system::OWNER_ID, "owner_id");
            leads(&object.key, system::TEAM_ID, "team_id");
        }
    }
}

#[test]
fn the_page_of_the_reference_is_current() {
    let page = include_str!("../../../docs/objects.md");
    assert!(
        page == peyvand_catalog::reference::markdown(&Catalog::standard()),
        "run: cargo run -p peyvand-catalog --example objects_md"
    );
}
