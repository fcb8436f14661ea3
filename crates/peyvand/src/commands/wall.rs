//! `peyvand admin wall …`: the second wall between workspaces, where the database can hold one.

use anyhow::Result;
use clap::ValueEnum;
use peyvand_app::App;
use peyvand_i18n::{Args, keys};
use peyvand_numbers::Language;
use peyvand_store::Wall;

use crate::instance::Place;
use crate::terminal::Told;
use crate::{say, terminal};

/// What to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Change {
    /// Raise it.
    On,
    /// Take it down; it is not raised by itself again.
    Off,
    /// Say how it stands.
    Status,
}

/// How it stands, in English and in Persian.
pub(crate) fn sentences(wall: &Wall) -> (String, String) {
    let (en, fa) = match wall {
        Wall::None => (
            "this database has none; workspaces are kept apart by every statement of the program".to_owned(),
            "این پایگاه داده دیوار دوم ندارد؛ فضاهای کاری را هر دستور خود برنامه از هم جدا نگه می‌دارد"
                .to_owned(),
        ),
        Wall::Down => (
            "it is down; raise it with `peyvand admin wall on`".to_owned(),
            "برپا نیست؛ با ‎`peyvand admin wall on`‎ برپایش کنید".to_owned(),
        ),
        Wall::Gaps(tables) => {
            let first = tables.first().map_or("", String::as_str);
            let n = tables.len();
            (
                format!("it has gaps on {n} tables ({first} …); close them with `peyvand admin wall on`"),
                format!("در {n} جدول ({first} …) رخنه دارد؛ با ‎`peyvand admin wall on`‎ آن را کامل کنید"),
            )
        }
        Wall::Passed { role } => (
            format!(
                "it stands, but the role {role} passes it: use a role that is no superuser and has no BYPASSRLS"
            ),
            format!(
                "برپاست، اما نقش {role} از آن می‌گذرد: نقشی به کار ببرید که superuser نباشد و BYPASSRLS نداشته باشد"
            ),
        ),
        Wall::Up => ("it stands and holds".to_owned(), "برپاست و نگه می‌دارد".to_owned()),
    };
    (en, fa)
}

/// Runs it.
pub(crate) async fn run(app: &App, change: Change, place: &Place) -> Result<()> {
    let engine = app.store.engine();
    let wall = match change {
        Change::Status => engine.wall().await?,
        Change::On => engine.set_wall(true).await?,
        Change::Off => engine.set_wall(false).await?,
    };
    let (en, fa) = sentences(&wall);
    if place.json {
        say!(
            "{}",
            serde_json::json!({"wall": wall.code(), "says": {"en": en, "fa": fa}})
        );
    } else {
        say!(
            "{}",
            if terminal::language() == Language::Fa {
                fa
            } else {
                en
            }
        );
    }
    // Who asked for a wall and has none shall notice.
    if change == Change::On && wall != Wall::Up {
        return Err(Told::of(keys::CLI_NO_WALL, &Args::new()));
    }
    Ok(())
}
