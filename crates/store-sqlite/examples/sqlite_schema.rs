//! Prints the statements of a fresh schema, from the layout of the standard catalog.

use peyvand_catalog::Catalog;
use peyvand_store::{Layout, tables::SIDE};

fn main() {
    let mut tables = SIDE.all();
    tables.extend(Layout::of(Catalog::standard()).tables());
    print!("{}", peyvand_store_sqlite::ddl::schema(&tables));
}
