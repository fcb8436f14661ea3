//! `peyvand demo`: a believable company in an empty workspace, served.

use std::collections::BTreeMap;
use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use peyvand_app::Caller;
use peyvand_core::Via;
use peyvand_i18n::{Args, keys, text};
use peyvand_record::Policy;
use peyvand_record::codec::Mode;
use peyvand_record::query::Query;
use serde_json::{Value, json};

use super::admin::{sentence, workspace};
use super::{demo_consent, serve};
use crate::instance::Place;
use crate::terminal;

/// Who runs the demonstration's firm, by external key and by address: whoever tries it signs in as her.
const HEAD: &str = "user-niloufar";
const ADMIN: &str = "niloufar.azarnoush@negarin.example.com";
/// The system under which the demonstration's external keys stand.
const SOURCE: &str = "demo";

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
#[group(id = "demo_arguments")]
pub(crate) struct Arguments {
    #[command(flatten)]
    serve: serve::Arguments,
    /// Only fill the workspace, do not serve it.
    #[arg(long)]
    no_serve: bool,
    /// A tenth of the records.
    #[arg(long)]
    small: bool,
}

/// Fills an empty workspace and serves it; serves one that is filled already.
pub(crate) async fn run(arguments: Arguments, place: &Place) -> Result<()> {
    let app = place.open().await?;
    let w = workspace(&app, place).await?;
    let caller = Caller::system(&w, Via::Cli);
    let now = app.clock.now();
    let started = now;
    let marker = app
        .store
        .by_external_key(w.id, "user", SOURCE, &["complete".to_owned()])
        .await?;
    if marker.is_empty() {
        let contacts = app
            .store
            .page(
                w.id,
                &w.layout,
                &Policy::all(caller.actor),
                &Query::of("contact").limit(1),
            )
            .await?;
        let begun = app
            .store
            .by_external_key(w.id, "user", SOURCE, &[HEAD.to_owned()])
            .await?;
        if !contacts.records.is_empty() && begun.is_empty() {
            bail!(
                "the workspace {} has records already; the demonstration wants an empty one (--data FOLDER)",
                w.slug
            );
        }
        let size = if arguments.small {
            peyvand_demo::Size::Small
        } else {
            peyvand_demo::Size::Full
        };
        let edge = w.edge(caller.language, now, Mode::Create);
        let seller = app.role(&w, "manager").await.map_err(|e| sentence(&e))?;
        let chief = app.role(&w, "admin").await.map_err(|e| sentence(&e))?;
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        let items = peyvand_demo::company(edge.today, size).map(|mut item| {
            *counts.entry(item.object).or_default() += 1;
            if item.object == "user" {
                let role = if item.key == HEAD { chief } else { seller };
                item.values
                    .insert("role_id".to_owned(), Value::from(role.to_string()));
            }
            if let Some(made) = item.made {
                item.values
                    .insert("created_at".to_owned(), Value::from(made.to_string()));
            }
            (item.object.to_owned(), item.key, item.values)
        });
        let quiet = place.json;
        let loaded = app
            .load_items(&caller, SOURCE, items, |n| {
                if !quiet {
                    eprint!("\r{n} records");
                    let _ = std::io::stderr().flush();
                }
            })
            .await
            .map_err(|e| sentence(&e))?;
        // Who was loaded has no account yet, and the head of the firm is to sign in.
        let head = app.user_by_email(&w, ADMIN).await.map_err(|e| sentence(&e))?;
        if let Some(head) = head {
            app.take_place(&w, head.id(), ADMIN)
                .await
                .map_err(|e| sentence(&e))?;
        }
        demo_consent::fill(&app, &caller).await?;
        // The last record of all: it says that everything before it is there.
        let role = app.role(&w, "reader").await.map_err(|e| sentence(&e))?;
        let last = json!({
            "name": "Peyvand demo",
            "email": "demo@negarin.example.com",
            "active": false,
            "role_id": role.to_string(),
        });
        let map = last.as_object().cloned().unwrap_or_default();
        app.load_items(
            &caller,
            SOURCE,
            std::iter::once(("user".to_owned(), "complete".to_owned(), map)),
            |_| {},
        )
        .await
        .map_err(|e| sentence(&e))?;
        let seconds = (app.clock.now().micros() - started.micros()) as f64 / 1e6;
        if quiet {
            println!(
                "{}",
                json!({"created": loaded.created, "kept": loaded.kept, "seconds": seconds, "objects": counts})
            );
        } else {
            eprintln!("\r{} records in {seconds:.1} s", loaded.created + loaded.kept);
            for (object, n) in &counts {
                eprintln!("  {n:>7} {object}");
            }
        }
    }
    if arguments.no_serve {
        app.store.engine().close().await;
        return Ok(());
    }
    let token = app
        .create_token(&w, ADMIN, "demo", &["*".to_owned()])
        .await
        .map_err(|e| sentence(&e))
        .context("the token of the demonstration's administrator")?;
    let language = terminal::language();
    let with = text(language, keys::CLI_DEMO_TOKEN, &Args::new().text("user", ADMIN));
    println!("{with} {token}");
    println!(
        "  curl -H 'Authorization: Bearer {token}' http://{}/api/v1/contacts",
        arguments.serve.listen
    );
    let link = app
        .create_sign_in_link(&w, ADMIN)
        .await
        .map_err(|e| sentence(&e))?;
    let open = text(language, keys::CLI_DEMO_OPEN, &Args::new());
    println!(
        "  {open} http://{}/sign-in/link?token={link}",
        arguments.serve.listen
    );
    serve::open_workspaces(&app).await?;
    serve::serve(app, &arguments.serve, place).await
}
