//! Writes `docs/objects.md` from the catalog.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/objects.md");
    std::fs::write(
        page,
        peyvand_catalog::reference::markdown(&peyvand_catalog::Catalog::standard()),
    )
}
