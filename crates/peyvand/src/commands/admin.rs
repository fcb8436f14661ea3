//! `peyvand admin …`.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use clap::Subcommand;
use peyvand_app::people::NewUser;
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, AppError};
use peyvand_numbers::Language;

use crate::instance::Place;
use crate::say;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a workspace.
    CreateWorkspace {
        /// Short name: lower-case letters, digits and `-`.
        slug: String,
        /// Name.
        #[arg(long)]
        name: Option<String>,
    },
    /// Make a user.
    CreateUser {
        /// E-mail address.
        #[arg(long)]
        email: String,
        /// Name.
        #[arg(long)]
        name: String,
        /// `admin`, `manager`, `seller`, `reader`, or a role of your own.
        #[arg(long, default_value = "seller")]
        role: String,
    },
    /// Make a token; it is printed once, as the last word.
    CreateToken {
        /// E-mail address of its owner.
        #[arg(long)]
        user: String,
        /// What it may do: `*`, `contacts:read`, `deals:write` ….
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        /// A name to know it by.
        #[arg(long, default_value = "command line")]
        name: String,
    },
    /// Make a link that signs a user in once, within a day; the path to open is printed.
    SignInLink {
        /// E-mail address of the user.
        #[arg(long)]
        user: String,
    },
}

/// An error of a use case, as a sentence.
pub(crate) fn sentence(e: &AppError) -> anyhow::Error {
    anyhow!("{}", e.message(Language::En))
}

/// The workspace that a command is about; a first one is made when there is none.
pub(crate) async fn workspace(app: &App, place: &Place) -> Result<Arc<Workspace>> {
    if place.workspace.is_none() && app.workspaces().await.map_err(|e| sentence(&e))?.is_empty() {
        return app
            .create_workspace("main", "Peyvand")
            .await
            .map_err(|e| sentence(&e));
    }
    app.workspace(place.workspace.as_deref())
        .await
        .map_err(|e| match e {
            AppError::NotFound => anyhow!("no such workspace; name one with --workspace"),
            e => sentence(&e),
        })
}

/// Runs it.
pub(crate) async fn run(command: Command, place: &Place) -> Result<()> {
    let app = place.open().await?;
    let say = |text: String, json: serde_json::Value| {
        say!("{}", if place.json { json.to_string() } else { text });
    };
    match command {
        Command::CreateWorkspace { slug, name } => {
            let w = app
                .create_workspace(&slug, name.as_deref().unwrap_or(&slug))
                .await
                .map_err(|e| sentence(&e))?;
            say(
                format!("workspace {} is there", w.slug),
                serde_json::json!({"id": w.uuid.to_string(), "slug": w.slug}),
            );
        }
        Command::CreateUser { email, name, role } => {
            let w = workspace(&app, place).await?;
            let new = NewUser {
                email: email.clone(),
                name,
                role,
                active: true,
                team: None,
            };
            let id = app.create_user(&w, &new).await.map_err(|e| sentence(&e))?;
            say(
                format!("user {email} is there: {id}"),
                serde_json::json!({"id": id.to_string(), "email": email}),
            );
        }
        Command::SignInLink { user } => {
            let w = workspace(&app, place).await?;
            let token = app.create_sign_in_link(&w, &user).await.map_err(|e| match e {
                AppError::NotFound => anyhow!("there is no user {user}"),
                e => sentence(&e),
            })?;
            let path = format!("/sign-in/link?token={token}");
            say(path.clone(), serde_json::json!({ "path": path }));
        }
        Command::CreateToken { user, scopes, name } => {
            let w = workspace(&app, place).await?;
            let token = app
                .create_token(&w, &user, &name, &scopes)
                .await
                .map_err(|e| match e {
                    AppError::NotFound => anyhow!("there is no user {user}"),
                    e => sentence(&e),
                })?;
            say(
                format!("token of {user}, shown once: {token}"),
                serde_json::json!({"token": token}),
            );
        }
    }
    place.close(&app).await;
    Ok(())
}
