//! `Sqlite`: a store in one file, of one process.
//!
//! It has events alone: what they say together is computed when the server starts, so no second table can
//! disagree with them. A commit is on the disk when it returns (write-ahead log, `synchronous=FULL`). The
//! process holds the lock of the file as long as it lives: a second one would judge by an older snapshot.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, params};

use crate::store::{Store, StoreError};

/// Says that a file is ours: `Scou`.
const APPLICATION: i64 = 0x5363_6f75;

/// The version of the table.
const VERSION: i64 = 1;

const LAST: &str = "SELECT coalesce(max(sequence), 0) FROM event";

/// A store in a file. Its log is beside it, in a file with `-wal` at the end of the name.
#[derive(Debug)]
pub struct Sqlite(Connection);

impl Sqlite {
    /// Opens a file, or makes one that only its owner can read and write.
    ///
    /// # Errors
    /// If another process uses the file, if it is not one of this program and version, or if it cannot be
    /// read and written. Then it stays as it is.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        // SQLite would take some relative names, such as `:memory:`, for something else than a file.
        let path = std::path::absolute(path).map_err(|error| of_system(&error))?;
        create(&path).map_err(|error| of_system(&error))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        open(&path, flags).map(Self).map_err(|error| match error {
            OpenError::Sqlite(error) => failed(&error),
            OpenError::Refused(reason) => StoreError::Failed(reason.to_owned()),
        })
    }
}

impl Store for Sqlite {
    fn load(&mut self, after: u64, limit: usize) -> Result<Vec<String>, StoreError> {
        let lines = || {
            let mut query = self.0.prepare("SELECT line FROM event WHERE sequence > ?1 ORDER BY sequence LIMIT ?2")?;
            let rows = query.query_map(params![number(after), number(limit as u64)], |row| row.get(0))?;
            rows.collect::<Result<_, _>>()
        };
        lines().map_err(|error| failed(&error))
    }

    fn append(&mut self, after: u64, lines: &[String]) -> Result<(), StoreError> {
        let mut is_behind = || {
            // Whatever does not reach the commit is undone.
            let transaction = self.0.transaction()?;
            let last: i64 = transaction.query_row(LAST, [], |row| row.get(0))?;
            if last == number(after) { add(transaction, last, lines).map(|()| true) } else { Ok(false) }
        };
        match is_behind() {
            Ok(true) => Ok(()),
            Ok(false) => Err(StoreError::Overtaken),
            Err(error) => Err(failed(&error)),
        }
    }
}

fn add(transaction: Transaction<'_>, last: i64, lines: &[String]) -> rusqlite::Result<()> {
    {
        let mut insert = transaction.prepare("INSERT INTO event VALUES (?1, ?2)")?;
        for (sequence, line) in (last + 1..).zip(lines) {
            insert.execute(params![sequence, line])?;
        }
    }
    transaction.commit()
}

/// Makes the file, unless there is one. SQLite would make one that others can read, too. Its log gets
/// the mode of the file.
fn create(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // A file that exists is not even opened: the end of any descriptor of it would end SQLite's locks.
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

enum OpenError {
    Sqlite(rusqlite::Error),
    Refused(&'static str),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, OpenError> {
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::ZERO)?;
    if connection.is_readonly("main")? {
        return Err(OpenError::Refused("the file cannot be written to"));
    }
    // Before the first look at the file: then it is locked from the first look on.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let is_new = is_new(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    if is_new {
        let transaction = connection.transaction()?;
        transaction.execute_batch("CREATE TABLE event (sequence INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT")?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
    }
    Ok(connection)
}

/// Whether the file is empty. If not, it must be ours.
fn is_new(connection: &Connection) -> Result<bool, OpenError> {
    let number = |query: &str| connection.query_row(query, [], |row| row.get::<_, i64>(0));
    match (number("PRAGMA application_id")?, number("PRAGMA user_version")?) {
        (APPLICATION, VERSION) => Ok(false),
        (APPLICATION, _) => Err(OpenError::Refused("the file is of another version of scout-auth")),
        (0, 0) if number("SELECT count(*) FROM sqlite_schema")? == 0 => Ok(true),
        _ => Err(OpenError::Refused("the file is of another program")),
    }
}

fn failed(error: &rusqlite::Error) -> StoreError {
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another process uses the file",
        Some(ErrorCode::NotADatabase) => "the file is of another program",
        Some(ErrorCode::DatabaseCorrupt) => "the file is damaged",
        Some(ErrorCode::DiskFull) => "the disk is full",
        Some(ErrorCode::ReadOnly) => "the file cannot be written to",
        Some(ErrorCode::CannotOpen) => "the file cannot be opened",
        // SQLite's own words contain no value.
        _ => return StoreError::Failed(error.to_string()),
    };
    StoreError::Failed(reason.to_owned())
}

fn of_system(error: &io::Error) -> StoreError {
    StoreError::Failed(format!("the file cannot be made: {error}"))
}

/// SQLite's integers have a sign.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
