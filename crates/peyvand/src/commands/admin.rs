//! `peyvand admin …`.

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use clap::Subcommand;
use peyvand_app::people::NewUser;
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, AppError, Caller};
use peyvand_catalog::handles;
use peyvand_core::{Id, Via};
use peyvand_i18n::{Args, keys};

use super::wall;
use crate::instance::Place;
use crate::terminal::{Told, told};
use crate::{say, terminal};

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
        /// Read the password from the standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Set the password of a user from the standard input, and end their sessions.
    SetPassword {
        /// E-mail address of the user.
        #[arg(long)]
        user: String,
    },
    /// Make a link by which a user joins and chooses a password; it is printed once.
    Invite {
        /// E-mail address of the user.
        #[arg(long)]
        user: String,
    },
    /// Make a link to a new password, good for half an hour; it is printed once.
    ResetLink {
        /// E-mail address of the user.
        #[arg(long)]
        user: String,
    },
    /// Switch one-time codes off for somebody who lost their device.
    DropCodes {
        /// E-mail address of the user.
        #[arg(long)]
        user: String,
    },
    /// Switch a user off: sessions and tokens end at once.
    Deactivate {
        /// E-mail address of the user.
        #[arg(long)]
        user: String,
    },
    /// Switch a user on again.
    Activate {
        /// E-mail address of the user.
        #[arg(long)]
        user: String,
    },
    /// A user leaves: switched off, and everything they own goes to another.
    HandOver {
        /// E-mail address of the one who leaves.
        #[arg(long)]
        from: String,
        /// E-mail address of the one who takes over.
        #[arg(long)]
        to: String,
    },
    /// What a user may do, and why.
    Access {
        /// E-mail address of the user.
        #[arg(long)]
        user: String,
        /// Only this object, by its plural: `contacts`.
        #[arg(long)]
        object: Option<String>,
        /// And this record of it.
        #[arg(long, requires = "object")]
        record: Option<String>,
    },
    /// Encrypt secrets anew, with a new key. The old key stays in the file beside the new one, to read the audit log that it
    /// encrypted: keep the file as before, and make a backup afterwards.
    RotateKey,
    /// The second wall between workspaces, held by PostgreSQL itself: raise it, take it down, or say how it stands.
    Wall {
        /// `on`, `off` or `status`.
        #[arg(default_value = "status")]
        change: wall::Change,
    },
    /// Roles: what their holders may do.
    #[command(subcommand)]
    Role(Role),
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

/// `peyvand admin role …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// The roles and their rules, as JSON.
    List,
    /// Make a role, or change the rules of one.
    Set {
        /// Its key.
        key: String,
        /// Its name.
        #[arg(long)]
        name: Option<String>,
        /// File of the rules (JSON); `-` for the standard input.
        #[arg(long)]
        rules: Option<String>,
    },
    /// Put a role that nobody has into the recycle bin.
    Delete {
        /// Its key.
        key: String,
    },
    /// Give a user a role.
    Give {
        /// Its key.
        key: String,
        /// E-mail address of the user.
        #[arg(long)]
        user: String,
    },
}

/// An error of a use case, as a sentence in the language of the terminal.
pub(crate) fn sentence(e: &AppError) -> anyhow::Error {
    let said = e.message(terminal::language());
    // Whoever wrote a file has to know at which place of it.
    let said = match e {
        AppError::Parameter { value, .. } if !value.is_empty() => format!("{said} ({value})"),
        _ => said,
    };
    Told::with(e.code(), said)
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
            AppError::NotFound => Told::of(keys::CLI_NO_WORKSPACE, &Args::new()),
            e => sentence(&e),
        })
}

/// The program itself, in a workspace.
fn system(w: &Arc<Workspace>) -> Caller {
    Caller::system(w, Via::Cli)
}

/// A line of the standard input, without its end.
fn typed() -> Result<String> {
    let mut line = String::new();
    line.push_str(&crate::console::read_line()?);
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A workspace and a user of it.
async fn somebody(app: &App, place: &Place, email: &str) -> Result<(Arc<Workspace>, Id)> {
    let w = workspace(app, place).await?;
    let user = app
        .user_by_email(&w, email)
        .await
        .map_err(|e| sentence(&e))?
        .ok_or_else(|| Told::of(keys::CLI_NO_USER, &Args::new().text("user", email)))?;
    Ok((w, user.id()))
}

async fn role(app: &App, command: Role, place: &Place) -> Result<()> {
    let w = workspace(app, place).await?;
    let by_key = async |key: &str| {
        let all = app.roles(&w).await.map_err(|e| sentence(&e))?;
        all.into_iter()
            .find(|(r, _)| r.get(handles::role::KEY).as_str() == Some(key))
            .ok_or_else(|| Told::of(keys::CLI_NO_ROLE, &Args::new().text("role", key)))
    };
    let object = |key: &str| {
        w.catalog()
            .object(key)
            .map(Arc::clone)
            .ok_or_else(|| Told::of(keys::CLI_NO_OBJECT, &Args::new().text("object", key)))
    };
    match command {
        Role::List => {
            let mut out = Vec::new();
            for (r, rules) in app.roles(&w).await.map_err(|e| sentence(&e))? {
                out.push(serde_json::json!({
                    "id": r.id().to_string(),
                    "key": r.get(handles::role::KEY).as_str(),
                    "name": r.get(handles::role::NAME).as_str(),
                    "rules": rules,
                }));
            }
            say!("{}", serde_json::to_string_pretty(&out)?);
        }
        Role::Set { key, name, rules } => {
            let file = rules.clone().filter(|f| f != "-");
            let rules: Option<serde_json::Value> = match rules.as_deref() {
                None => None,
                Some("-") => Some(serde_json::from_str(&crate::console::read_all()?)?),
                Some(file) => {
                    let Ok(path) = crate::console::path(file);
                    let text = std::fs::read_to_string(path).with_context(|| file.to_owned())?;
                    Some(serde_json::from_str(&text).with_context(|| file.to_owned())?)
                }
            };
            let saved = app
                .save_role(&system(&w), &key, name.as_deref(), rules.as_ref())
                .await;
            let id = match file {
                Some(file) => saved.map_err(|e| sentence(&e)).with_context(|| file)?,
                None => saved.map_err(|e| sentence(&e))?,
            };
            say!(
                "{}",
                told(
                    keys::CLI_ROLE_THERE,
                    &Args::new().text("role", key).text("id", id.to_string())
                )
            );
        }
        Role::Delete { key } => {
            let (r, _) = by_key(&key).await?;
            app.delete(&system(&w), &object("role")?, r.id(), None)
                .await
                .map_err(|e| sentence(&e))?;
            say!("{}", told(keys::CLI_ROLE_DELETED, &Args::new().text("role", key)));
        }
        Role::Give { key, user } => {
            let (_, id) = somebody(app, place, &user).await?;
            let role = app.role(&w, &key).await.map_err(|e| sentence(&e))?;
            let mut given = serde_json::Map::new();
            given.insert("role_id".to_owned(), role.to_string().into());
            app.patch(&system(&w), &object("user")?, id, &given, None)
                .await
                .map_err(|e| sentence(&e))?;
            say!(
                "{}",
                told(
                    keys::CLI_ROLE_GIVEN,
                    &Args::new().text("user", user).text("role", key)
                )
            );
        }
    }
    Ok(())
}

/// A new generation of the instance's secret. The file has both the old and the new one before anything is encrypted with
/// the new one: whenever this is cut off, everything can be read, and the command can be given again.
async fn rotate_key(app: &App, place: &Place) -> Result<u64> {
    let keys = app.store.keys();
    let rotated = keys
        .secret()
        .rotated(peyvand_core::random::bytes())
        .ok_or_else(|| anyhow!("the key has too many generations"))?;
    crate::instance::keep_secret(&place.data.join("instance.key"), &rotated)?;
    keys.adopt(rotated);
    #[cfg(debug_assertions)]
    crate::test_mode::cut("rotation");
    app.seal_anew().await.map_err(|e| sentence(&e))
}

/// Runs it.
pub(crate) async fn run(command: Command, place: &Place) -> Result<()> {
    // Only who makes something may begin an instance.
    let app = match &command {
        Command::CreateWorkspace { .. } | Command::CreateUser { .. } => place.open().await?,
        _ => place.open_existing().await?,
    };
    let say = |text: String, json: serde_json::Value| {
        say!("{}", if place.json { json.to_string() } else { text });
    };
    match command {
        Command::Wall { change } => wall::run(&app, change, place).await?,
        Command::RotateKey => {
            let n = rotate_key(&app, place).await?;
            say(
                told(keys::CLI_KEY_ROTATED, &Args::new().number("count", n as i64)),
                serde_json::json!({"secrets": n}),
            );
        }
        Command::CreateWorkspace { slug, name } => {
            let w = app
                .create_workspace(&slug, name.as_deref().unwrap_or(&slug))
                .await
                .map_err(|e| sentence(&e))?;
            say(
                told(
                    keys::CLI_WORKSPACE_THERE,
                    &Args::new().text("workspace", w.slug.clone()),
                ),
                serde_json::json!({"id": w.uuid.to_string(), "slug": w.slug}),
            );
        }
        Command::CreateUser {
            email,
            name,
            role,
            password_stdin,
        } => {
            let w = workspace(&app, place).await?;
            let password = if password_stdin { Some(typed()?) } else { None };
            if let Some(p) = &password {
                app.take_password(p, &[&email, &name]).map_err(|e| sentence(&e))?;
            }
            let new = NewUser {
                email: email.clone(),
                name,
                role,
                active: true,
                team: None,
            };
            let id = app.create_user(&w, &new).await.map_err(|e| sentence(&e))?;
            if let Some(p) = password {
                app.set_password(&w, id, &p).await.map_err(|e| sentence(&e))?;
            }
            say(
                told(
                    keys::CLI_USER_THERE,
                    &Args::new().text("user", email.clone()).text("id", id.to_string()),
                ),
                serde_json::json!({"id": id.to_string(), "email": email}),
            );
        }
        Command::SetPassword { user } => {
            let (w, id) = somebody(&app, place, &user).await?;
            app.set_password(&w, id, &typed()?)
                .await
                .map_err(|e| sentence(&e))?;
            say(
                told(keys::CLI_PASSWORD_SET, &Args::new().text("user", user.clone())),
                serde_json::json!({"id": id.to_string()}),
            );
        }
        Command::Invite { user } => {
            let (w, id) = somebody(&app, place, &user).await?;
            let token = app.invite(&system(&w), id).await.map_err(|e| sentence(&e))?;
            let path = format!("/join?token={token}");
            say(path.clone(), serde_json::json!({ "path": path }));
        }
        Command::ResetLink { user } => {
            let (w, id) = somebody(&app, place, &user).await?;
            let token = app
                .create_reset_link(&system(&w), id)
                .await
                .map_err(|e| sentence(&e))?;
            let path = format!("/reset?token={token}");
            say(path.clone(), serde_json::json!({ "path": path }));
        }
        Command::DropCodes { user } => {
            let (w, id) = somebody(&app, place, &user).await?;
            app.drop_totp(&w, id).await.map_err(|e| sentence(&e))?;
            say(
                told(keys::CLI_CODES_DROPPED, &Args::new().text("user", user.clone())),
                serde_json::json!({"id": id.to_string()}),
            );
        }
        Command::Deactivate { user } => {
            let (w, id) = somebody(&app, place, &user).await?;
            app.set_active(&system(&w), id, false)
                .await
                .map_err(|e| sentence(&e))?;
            say(
                told(keys::CLI_USER_OFF, &Args::new().text("user", user.clone())),
                serde_json::json!({"id": id.to_string(), "active": false}),
            );
        }
        Command::Activate { user } => {
            let (w, id) = somebody(&app, place, &user).await?;
            app.set_active(&system(&w), id, true)
                .await
                .map_err(|e| sentence(&e))?;
            say(
                told(keys::CLI_USER_ON, &Args::new().text("user", user.clone())),
                serde_json::json!({"id": id.to_string(), "active": true}),
            );
        }
        Command::HandOver { from, to } => {
            let (w, leaver) = somebody(&app, place, &from).await?;
            let (_, heir) = somebody(&app, place, &to).await?;
            let done = app
                .hand_over(&system(&w), leaver, heir)
                .await
                .map_err(|e| sentence(&e))?;
            let key = if done.more {
                keys::CLI_HANDED_OVER_MORE
            } else {
                keys::CLI_HANDED_OVER
            };
            let args = Args::new().text("from", from).text("to", to);
            say(
                told(key, &args.number("count", done.records as i64)),
                serde_json::to_value(done)?,
            );
        }
        Command::Access { user, object, record } => {
            let (w, id) = somebody(&app, place, &user).await?;
            let def =
                match &object {
                    Some(o) => Some(w.catalog().by_plural(o).ok_or_else(|| {
                        Told::of(keys::CLI_NO_OBJECT, &Args::new().text("object", o.clone()))
                    })?),
                    None => None,
                };
            let record = match record {
                Some(r) => Some(
                    r.parse()
                        .map_err(|_| Told::of(keys::CLI_NO_ID, &Args::new().text("id", r)))?,
                ),
                None => None,
            };
            let access = app
                .access(&system(&w), id, def.map(AsRef::as_ref), record)
                .await
                .map_err(|e| sentence(&e))?;
            say!("{}", serde_json::to_string_pretty(&access)?);
        }
        Command::Role(c) => role(&app, c, place).await?,
        Command::SignInLink { user } => {
            let (w, _) = somebody(&app, place, &user).await?;
            let token = app.create_sign_in_link(&w, &user).await.map_err(|e| match e {
                AppError::NotFound => {
                    let said = told(keys::CLI_NO_ACCOUNT, &Args::new().text("user", user.clone()));
                    Told::with(
                        "no-account",
                        format!("{said}: peyvand admin invite --user {user}"),
                    )
                }
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
                    AppError::NotFound => {
                        Told::of(keys::CLI_NO_USER, &Args::new().text("user", user.clone()))
                    }
                    e => sentence(&e),
                })?;
            say(
                format!(
                    "{} {token}",
                    told(keys::CLI_TOKEN, &Args::new().text("user", user.clone()))
                ),
                serde_json::json!({"token": token}),
            );
        }
    }
    place.close(&app).await;
    Ok(())
}
