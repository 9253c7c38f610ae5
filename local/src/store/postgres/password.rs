//! The password of a connection, as PostgreSQL's own programs find it.
//!
//! `PGPASSWORD`, or the first line of the password file that fits: `host:port:database:user:password`. The
//! file is `PGPASSFILE` or `~/.pgpass`. If others can read it, it is not used.

use std::env;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use tokio_postgres::Config;
use tokio_postgres::config::Host;
use zeroize::Zeroizing;

/// A larger file is not read further.
const MOST: u64 = 64 * 1024;

/// The password for a connection, if there is one.
pub(super) fn find(config: &Config) -> Option<Zeroizing<String>> {
    if let Ok(password) = env::var("PGPASSWORD") {
        return Some(Zeroizing::new(password));
    }
    let path = env::var_os("PGPASSFILE").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".pgpass")))?;
    let file = File::open(path).ok()?;
    if !is_private(&file) {
        return None;
    }
    // With the whole capacity from the start: a buffer that grows would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(MOST).ok()? + 1));
    file.take(MOST).read_to_string(&mut text).ok()?;
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        // So PostgreSQL calls each socket.
        _ => "localhost".to_owned(),
    };
    let user = config.get_user().map_or_else(|| env::var("USER").unwrap_or_default(), ToOwned::to_owned);
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    let database = config.get_dbname().unwrap_or(&user);
    text.lines().find_map(|line| of_line(line, [&host, &port, database, &user]))
}

/// The password of a line, if the line is of this host, port, database and user.
fn of_line(line: &str, wanted: [&str; 4]) -> Option<Zeroizing<String>> {
    let mut rest = line;
    for wanted in wanted {
        let (field, after) = field(rest)?;
        rest = after?;
        if *field != *"*" && *field != *wanted {
            return None;
        }
    }
    field(rest).map(|(password, _)| password)
}

/// The text up to the next colon, and what follows the colon. A backslash makes the next character plain.
fn field(text: &str) -> Option<(Zeroizing<String>, Option<&str>)> {
    let mut field = Zeroizing::new(String::with_capacity(text.len()));
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            ':' => return Some((field, Some(characters.as_str()))),
            '\\' => field.push(characters.next()?),
            _ => field.push(character),
        }
    }
    Some((field, None))
}

#[cfg(unix)]
fn others_can(mode: u32) -> bool {
    mode & 0o077 != 0
}

#[cfg(unix)]
fn is_private(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    file.metadata().is_ok_and(|about| about.is_file() && !others_can(about.mode()))
}

#[cfg(not(unix))]
fn is_private(file: &File) -> bool {
    file.metadata().is_ok_and(|about| about.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_password_file_is_read_as_libpq_reads_it() {
        let wanted = ["db.example", "5432", "scout", "anna"];
        let read = |line| of_line(line, wanted).map(|password| password.to_string());
        assert_eq!(read("db.example:5432:scout:anna:a\\:b\\\\c").as_deref(), Some("a:b\\c"));
        assert_eq!(read("*:*:*:*:x").as_deref(), Some("x"));
        for other in ["", "# a:b", "db.example:5432:scout:anna", "other:5432:scout:anna:x", "*:*:*:bert:x"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
