//! The shipped definitions, as a whole.

use peyvand_catalog::Catalog;

#[test]
fn the_shipped_objects_load() {
    let catalog = Catalog::standard();
    for key in ["contact", "order", "setting"] {
        assert!(catalog.object(key).is_some(), "{key}");
    }
}
