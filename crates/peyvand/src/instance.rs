//! An instance: the data folder, its secret, the database, the application.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use peyvand_app::App;
use peyvand_app::files::{private_folder, replace};
use peyvand_app::leaked::Leaked;
use peyvand_app::scanner::Scanner;
use peyvand_core::{Id, IdSource, SystemClock, random};
use peyvand_i18n::{Args, keys};
use peyvand_store::{Engine, Keys, Secret, Store};
use peyvand_store_postgres::PostgresEngine;
use peyvand_store_sqlite::{Options, SqliteEngine};

use crate::control;
use crate::terminal::{self, Told, told};

/// Where the data are.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Place {
    /// Folder of the data.
    #[arg(long, global = true, env = "PEYVAND_DATA", default_value = "./peyvand-data")]
    pub(crate) data: PathBuf,
    /// `sqlite`, or a `postgres://` URL.
    #[arg(long, global = true, env = "PEYVAND_DATABASE", default_value = "sqlite")]
    pub(crate) database: String,
    /// Workspace, when there are several.
    #[arg(long, global = true, env = "PEYVAND_WORKSPACE")]
    pub(crate) workspace: Option<String>,
    /// File of SHA-1 hashes of passwords that have leaked, in their order, as Have I Been Pwned publishes them: none of
    /// these is taken as a new password.
    #[arg(long, global = true, env = "PEYVAND_LEAKED_PASSWORDS", value_name = "FILE")]
    pub(crate) leaked_passwords: Option<PathBuf>,
    /// Scanner of files that come up, which speaks as clamd does: `tcp://host:port` or `unix:/path`.
    #[arg(long, global = true, env = "PEYVAND_SCANNER", value_name = "ADDRESS")]
    pub(crate) scanner: Option<Scanner>,
    /// Upgrade the schema of an embedded database without making a backup of it first.
    #[arg(long, global = true, env = "PEYVAND_NO_UPGRADE_BACKUP")]
    pub(crate) no_upgrade_backup: bool,
    /// Answer as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The application of the server, when the command runs inside it.
    #[arg(skip)]
    pub(crate) served: Option<Arc<App>>,
}

impl Place {
    /// Opens the application of an instance that is there: a command that asks something must not make one where the name of
    /// the folder is wrong.
    ///
    /// # Errors
    /// When the folder holds none.
    pub(crate) async fn open_existing(&self) -> Result<Arc<App>> {
        if self.served.is_none() && !self.data.join("instance.key").is_file() {
            let folder = self.data.display().to_string();
            let args = Args::new().text("folder", folder);
            let said = peyvand_i18n::text_of_code(terminal::language(), "no-instance", &args);
            return Err(Told::with("no-instance", said));
        }
        self.open().await
    }

    /// Opens the application; makes folder, secret, database and schema when they are not there.
    pub(crate) async fn open(&self) -> Result<Arc<App>> {
        if let Some(app) = &self.served {
            return Ok(Arc::clone(app));
        }
        private_folder(&self.data).with_context(|| format!("the data folder {}", self.data.display()))?;
        control::hold(&self.data).await?;
        #[cfg(debug_assertions)]
        crate::test_mode::library()?;
        let keys = Keys::new(secret(&self.data.join("instance.key"))?);
        let engine: Arc<dyn Engine> = match self.database.as_str() {
            "sqlite" => Arc::new(SqliteEngine::open(&self.data.join("peyvand.db"), &options())?),
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                let engine = PostgresEngine::open(url).await;
                Arc::new(engine.with_context(|| unopened(url))?)
            }
            other => return Err(Told::of(keys::CLI_NO_DATABASE, &Args::new().text("given", other))),
        };
        #[cfg(debug_assertions)]
        let engine = crate::test_mode::of_environment(engine);
        crate::upgrade::backup_before(&*engine, self).await?;
        engine.migrate().await?;
        let leaked = match &self.leaked_passwords {
            Some(file) => Some(
                Leaked::open(file)
                    .with_context(|| format!("the setting `leaked-passwords`: {}", file.display()))?,
            ),
            None => None,
        };
        let store = Arc::new(Store::new(engine, keys));
        let heads = self.data.join("audit.heads");
        let app = Arc::new(
            App::new(
                store,
                Arc::new(SystemClock::default()),
                Arc::new(IdSource::default()),
            )
            .in_folder(&self.data)
            .with_context(|| format!("{}", self.data.display()))?
            .with_heads(&heads)
            .with_context(|| format!("{}", heads.display()))?
            .with_leaked_passwords(leaked)
            .with_scanner(self.scanner.clone()),
        );
        self.hold_together(&app).await?;
        Ok(app)
    }

    /// The data folder and the database carry one id. Where they do not, the database has been brought here from
    /// elsewhere, and sending stands still until somebody has looked.
    async fn hold_together(&self, app: &App) -> Result<()> {
        let path = self.data.join("instance.id");
        let keep = |id: &str| -> Result<()> { Ok(replace(&path, id.as_bytes())?) };
        let own = match fs::read_to_string(&path) {
            Ok(text) => text.trim().to_owned(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                // The folder comes first: a start that is killed in between must not look like a copy.
                let id = Id::from_bytes(random::bytes()).to_string();
                keep(&id)?;
                id
            }
            Err(e) => return Err(e).with_context(|| format!("{}", path.display())),
        };
        let instance = app.check_instance(Some(own.as_str())).await?;
        if own != instance.id {
            keep(&instance.id)?;
        }
        if instance.copied {
            let args = Args::new().text("command", "peyvand resume-sending");
            eprintln!("peyvand: {}", told(keys::CLI_COPIED, &args));
        }
        Ok(())
    }
}

/// Which database was not opened: without the password, and without the parameters, which may hold it.
fn unopened(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let shown = match rest.rsplit_once('@') {
        Some((who, at)) => format!("{scheme}://{}@{at}", who.split(':').next().unwrap_or_default()),
        None => format!("{scheme}://{rest}"),
    };
    peyvand_i18n::text_of_code(
        terminal::language(),
        "database-unopened",
        &Args::new().text("database", shown),
    )
}

impl Place {
    /// Ends what [`Self::open`] began; the server goes on.
    pub(crate) async fn close(&self, app: &App) {
        if self.served.is_none() {
            app.store.engine().close().await;
        }
    }
}

/// 74 is `EX_IOERR` of sysexits.h: the disk did not confirm a write. The next start reads what it really holds.
const UNDURABLE: i32 = 74;

fn options() -> Options {
    let options = Options {
        on_undurable: |e| {
            tracing::error!(
                "{e}; the program ends, so that nothing is acknowledged that the disk does not hold"
            );
            std::process::exit(UNDURABLE);
        },
        ..Options::default()
    };
    #[cfg(debug_assertions)]
    let options = crate::test_mode::options(options);
    options
}

/// The file is no key.
pub(crate) fn no_key(file: &Path) -> anyhow::Error {
    let args = Args::new().text("file", file.display().to_string());
    Told::of(keys::CLI_NO_KEY, &args)
}

/// The instance's secret: made once, readable by its owner only, outside the database.
pub(crate) fn secret(path: &Path) -> Result<Secret> {
    match fs::read(path) {
        Ok(bytes) => Secret::read(&bytes).ok_or_else(|| no_key(path)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let key = Secret::from(random::bytes::<32>());
            keep_secret(path, &key)?;
            Ok(key)
        }
        Err(e) => Err(e).with_context(|| format!("{}", path.display())),
    }
}

/// Puts the secret into its file: whole or not at all, and on the disk before this returns. The old file stands until then.
pub(crate) fn keep_secret(path: &Path, key: &Secret) -> Result<()> {
    let temporary = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = match options.open(&temporary) {
        Ok(f) => f,
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            // Left behind by a process that was killed while it wrote.
            fs::remove_file(&temporary)?;
            options.open(&temporary)?
        }
        Err(e) => return Err(e).with_context(|| format!("{}", temporary.display())),
    };
    file.write_all(&key.bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}
