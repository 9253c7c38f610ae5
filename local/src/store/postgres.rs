//! `Postgres`: a store that several processes share, on one machine or on several.
//!
//! One statement adds lines, if nobody was faster, and sends the notice that others wait for. A process that
//! has lost the database learns so within seconds: every step has a time limit.

/// The password of a connection, as PostgreSQL's own programs find it.
mod password;

/// A thread that runs what is asynchronous.
mod background;

use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::types::Type;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Socket};

use crate::store::{Store, StoreError};
use background::{Background, Fault};

/// How long a step may take. After a longer one, the connection counts as lost.
const TIME: Duration = Duration::from_secs(4);

/// A session that is lost must not go on for long on the side of the database: it may hold a lock. If the
/// database is set to acknowledge before a change is on the disk, that is changed for this session.
const BEGIN: &str = "
    SET statement_timeout = '3s';
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');
    LISTEN scout_auth_event";

/// Two processes that start together would otherwise both make the table, and one would fail.
const CREATE: &str = "
    SELECT pg_advisory_xact_lock(1399025525);
    CREATE TABLE IF NOT EXISTS scout_auth_event (sequence bigint PRIMARY KEY, line text NOT NULL)";

const EXISTS: &str = "SELECT to_regclass('scout_auth_event') IS NOT NULL";

const LAST: &str = "SELECT coalesce(max(sequence), 0) FROM scout_auth_event";

const LOAD: &str = "SELECT line FROM scout_auth_event WHERE sequence > $1 ORDER BY sequence LIMIT $2";

/// If two do this at once, the primary key lets one fail.
const APPEND: &str = "
    WITH added AS (
        INSERT INTO scout_auth_event
        SELECT $1 + place, line FROM unnest($2) WITH ORDINALITY AS new (line, place)
        WHERE (SELECT coalesce(max(sequence), 0) FROM scout_auth_event) = $1
        RETURNING 1
    )
    SELECT count(*), (SELECT pg_notify('scout_auth_event', '')) FROM added";

/// What is called when lines may have been added.
type Look = Arc<OnceLock<Box<dyn Fn() + Send + Sync>>>;

/// A store in a database of PostgreSQL, in the table `scout_auth_event`.
pub struct Postgres {
    config: Config,
    background: Background,
    client: Option<Arc<Client>>,
    look: Look,
    /// So many lines were there. If there are fewer, the database is not the one that it was.
    seen: u64,
}

impl Postgres {
    /// Whether a text is the URL of a database, and not the name of a file.
    pub fn is_url(text: &str) -> bool {
        text.starts_with("postgres://") || text.starts_with("postgresql://")
    }

    /// Connects to a database, and makes the table unless it exists. The password is that of `PGPASSWORD`
    /// or of the password file (`PGPASSFILE`, `~/.pgpass`).
    ///
    /// # Errors
    /// If the URL contains a password, or leads to another machine without `sslmode=disable`: there is no
    /// TLS to the database. If the database cannot be used.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let background = Background::start().map_err(|error| StoreError::Failed(error.to_string()))?;
        let mut store = Self { config: config(url)?, background, client: None, look: Look::default(), seen: 0 };
        let client = store.client()?;
        store.run(async move {
            let exists = client.query_typed_one(EXISTS, &[]).await?;
            if exists.get(0) { Ok(()) } else { client.batch_execute(CREATE).await }
        })?;
        Ok(store)
    }

    /// The connection, a new one if there is none any more.
    fn client(&mut self) -> Result<Arc<Client>, StoreError> {
        if let Some(client) = self.client.as_ref().filter(|client| !client.is_closed()) {
            return Ok(Arc::clone(client));
        }
        let (config, look) = (self.config.clone(), Arc::clone(&self.look));
        let client = self.run(async move {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(drive(connection, look));
            client.batch_execute(BEGIN).await?;
            Ok(client)
        })?;
        Ok(Arc::clone(self.client.insert(Arc::new(client))))
    }

    /// The number of lines. There are never fewer than before.
    fn last(&mut self) -> Result<u64, StoreError> {
        let client = self.client()?;
        let last = self.run(async move { client.query_typed_one(LAST, &[]).await })?;
        let last = u64::try_from(last.get::<_, i64>(0)).unwrap_or(0);
        if last < self.seen {
            return Err(StoreError::Failed("the database has lost events; restart this server to go on".to_owned()));
        }
        Ok(last)
    }

    /// Runs a step within the time limit.
    fn run<T: Send + 'static>(
        &mut self,
        step: impl Future<Output = Result<T, tokio_postgres::Error>> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.background.run(TIME, step).map_err(|fault| {
            let is_lost = !matches!(&fault, Fault::Step(error) if error.as_db_error().is_some());
            if is_lost {
                self.client = None;
            }
            match fault {
                Fault::Step(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => StoreError::Overtaken,
                Fault::Step(error) => StoreError::Failed(text(&error)),
                Fault::Time => StoreError::Failed("the database does not answer".to_owned()),
            }
        })
    }
}

impl Store for Postgres {
    fn load(&mut self, after: u64, limit: usize) -> Result<Vec<String>, StoreError> {
        if self.last()? <= after {
            return Ok(Vec::new());
        }
        let client = self.client()?;
        let rows = self.run(async move {
            let (after, limit) = (number(after), number(limit as u64));
            client.query_typed(LOAD, &[(&after, Type::INT8), (&limit, Type::INT8)]).await
        })?;
        self.seen = self.seen.max(after + rows.len() as u64);
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    fn append(&mut self, after: u64, lines: &[String]) -> Result<(), StoreError> {
        let client = self.client()?;
        let (lines, count) = (lines.to_vec(), lines.len() as u64);
        let added = self.run(async move {
            let after = number(after);
            client.query_typed_one(APPEND, &[(&after, Type::INT8), (&lines, Type::TEXT_ARRAY)]).await
        });
        match added {
            Ok(row) if row.get::<_, i64>(0) == number(count) => {
                self.seen = self.seen.max(after + count);
                Ok(())
            }
            Ok(_) => self.last().and(Err(StoreError::Overtaken)),
            // The connection was lost, perhaps between the commit and its acknowledgement.
            Err(StoreError::Failed(reason)) if self.client.is_none() => Err(StoreError::Unknown(reason)),
            Err(error) => Err(error),
        }
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn on_append(&mut self, look: Box<dyn Fn() + Send + Sync>) {
        // The trait promises one call.
        let _ = self.look.set(look);
    }
}

/// Moves the messages of a connection, and tells of each notice and of the end: a notice may be lost then.
async fn drive(mut connection: Connection<Socket, NoTlsStream>, look: Look) {
    let look = || {
        if let Some(look) = look.get() {
            look();
        }
    };
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if matches!(message, AsyncMessage::Notification(_)) {
            look();
        }
    }
    look();
}

fn config(url: &str) -> Result<Config, StoreError> {
    let refused = |reason: &str| Err(StoreError::Failed(reason.to_owned()));
    // Its own words could repeat a part of the URL.
    let Ok(mut config) = url.parse::<Config>() else {
        return refused("the URL is not like postgres://user@host/database");
    };
    if config.get_password().is_some() {
        return refused("the URL contains a password, which others can see; use PGPASSWORD or a password file");
    }
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return refused("the URL has no host; for a socket, add ?host= and its folder");
    }
    if !is_local(&config) && config.get_ssl_mode() != SslMode::Disable {
        return refused(
            "there is no TLS to the database; use a tunnel, or add ?sslmode=disable in a network that you trust",
        );
    }
    if let Some(password) = password::find(&config) {
        config.password(password.as_bytes());
    }
    config.application_name("scout-auth").connect_timeout(TIME);
    // What a standby shows may be old.
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    Ok(config)
}

/// Whether a connection stays on this machine.
fn is_local(config: &Config) -> bool {
    let is_local_host = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    match config.get_hostaddrs() {
        [] => config.get_hosts().iter().all(is_local_host),
        addresses => addresses.iter().all(IpAddr::is_loopback),
    }
}

/// What went wrong. The database's words contain no line: a line is never part of a statement.
fn text(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// PostgreSQL's integers have a sign.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
