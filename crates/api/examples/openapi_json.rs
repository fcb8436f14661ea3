//! Writes the description of the interface over the standard catalog, as `crates/api/openapi.json` holds it:
//! `cargo run -p peyvand-api --example openapi_json > crates/api/openapi.json`.

fn main() {
    let catalog = peyvand_catalog::Catalog::standard();
    let document = peyvand_api::description(&catalog, peyvand_numbers::Language::En);
    print!("{}", peyvand_api::readable(&document));
}
