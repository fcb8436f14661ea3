//! The attribute `#[db_test]`: makes of `async fn name(db: TestDb)` two tests, `name::sqlite` and `name::postgres`.

use proc_macro::TokenStream;
use quote::quote;
use syn::{ItemFn, parse_macro_input};

/// Runs the test on each engine, on a fresh database of its own.
#[proc_macro_attribute]
pub fn db_test(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    let test = parse_macro_input!(item as ItemFn);
    let name = &test.sig.ident;
    let docs = test.attrs.iter().filter(|a| a.path().is_ident("doc"));
    quote! {
        #(#docs)*
        mod #name {
            #[allow(unused_imports)]
            use super::*;

            #test

            #[test]
            fn sqlite() {
                ::peyvand_testkit::db::run(::peyvand_testkit::db::Kind::Sqlite, stringify!(#name), #name);
            }

            #[test]
            fn postgres() {
                ::peyvand_testkit::db::run(::peyvand_testkit::db::Kind::Postgres, stringify!(#name), #name);
            }
        }
    }
    .into()
}
