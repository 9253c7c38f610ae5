//! A real PostgreSQL server, one for all tests of a program.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

/// A server. It ends with its standard input, at the latest when this program ends.
pub(crate) struct Server {
    folder: PathBuf,
    script: Mutex<Script>,
}

struct Script {
    _child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// The server that all tests share.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: LazyLock<Server> = LazyLock::new(Server::start);
        &SHARED
    }

    /// A server for tests that stop it: one at a time.
    pub(crate) fn unstable() -> MutexGuard<'static, Self> {
        static UNSTABLE: LazyLock<Mutex<Server>> = LazyLock::new(|| Mutex::new(Server::start()));
        UNSTABLE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Not in a folder of the environment: the path of a socket has 107 characters at most.
        let folder = PathBuf::from(format!("/tmp/scout-auth-postgres-{}-{count}", std::process::id()));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../local/tests/stores/postgres.sh");
        let mut child = Command::new("bash")
            .arg(script)
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("bash");
        let commands = child.stdin.take().expect("its input");
        let answers = BufReader::new(child.stdout.take().expect("its output"));
        let server = Self { folder, script: Mutex::new(Script { _child: child, commands, answers }) };
        server.command("start");
        server
    }

    /// Stops and starts the server, as after a crash.
    pub(crate) fn restart(&self) {
        self.command("stop");
        self.command("start");
    }

    pub(crate) fn command(&self, command: &str) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(script.commands, "{command}").expect("the script runs");
        let mut answer = String::new();
        script.answers.read_line(&mut answer).expect("an answer");
        assert_eq!(answer.trim(), "ok", "{command}");
    }

    /// The URL of a new, empty database.
    pub(crate) fn database(&self) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.command(&format!("sql postgres CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The same, of a user with this password.
    pub(crate) fn database_with_password(&self, password: &str) -> String {
        let url = self.database();
        let name = url.split(['/', '?']).nth(3).expect("a database");
        self.sql(&url, &format!("CREATE ROLE guarded LOGIN PASSWORD '{password}'"));
        self.sql(&url, &format!("ALTER DATABASE {name} OWNER TO guarded"));
        url.replace("scout@", "guarded@")
    }

    /// Sends a statement to a database.
    pub(crate) fn sql(&self, url: &str, statement: &str) {
        let database = url.split(['/', '?']).nth(3).expect("a database");
        self.command(&format!("sql {database} {statement}"));
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://scout@/{database}?host={}", self.folder.display())
    }

    /// The socket that it listens at.
    pub(crate) fn socket(&self) -> PathBuf {
        Path::new(&self.folder).join(".s.PGSQL.5432")
    }
}
