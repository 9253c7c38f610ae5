//! `Host`: the environment and the streams of a command.

use std::ffi::OsString;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::Path;

use scout_auth::Environment;

use crate::failure::Failure;

/// The environment and the streams of one run.
pub struct Host<'a> {
    /// The path of the program or script that runs. The full command is looked for in its folder.
    pub program: &'a Path,
    /// Looks up an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// Lists the names of the environment variables.
    pub names: &'a dyn Fn() -> Vec<OsString>,
    /// Standard input. Only commands that need it read it.
    pub stdin: &'a mut dyn Read,
    /// Standard output: results, including secrets.
    pub stdout: &'a mut dyn Write,
    /// Standard error: errors and hints, never a secret.
    pub stderr: &'a mut dyn Write,
    /// What the streams are.
    pub streams: Streams,
}

/// What the standard streams are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Streams {
    /// On a terminal, standard error says what to type.
    pub stdin: Stream,
    /// On a terminal, results are coloured.
    pub stdout: Stream,
    /// On a terminal, errors are coloured.
    pub stderr: Stream,
}

/// What a standard stream is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stream {
    /// Something else, such as a socket.
    #[default]
    Other,
    /// A terminal.
    Terminal,
    /// A pipe.
    Pipe,
    /// A device that is no terminal, such as `/dev/null`.
    Device,
    /// A file, with its permissions.
    File {
        /// The last nine bits of the mode.
        mode: u32,
    },
}

impl Stream {
    #[cfg(unix)]
    fn of(stream: &(impl std::os::fd::AsFd + IsTerminal)) -> Self {
        use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
        if stream.is_terminal() {
            return Self::Terminal;
        }
        let duplicate = stream.as_fd().try_clone_to_owned().map(std::fs::File::from);
        match duplicate.and_then(|file| file.metadata()) {
            Ok(metadata) if metadata.is_file() => Self::File { mode: metadata.permissions().mode() & 0o777 },
            Ok(metadata) if metadata.file_type().is_fifo() => Self::Pipe,
            Ok(metadata) if metadata.file_type().is_char_device() => Self::Device,
            _ => Self::Other,
        }
    }

    #[cfg(not(unix))]
    fn of(stream: &impl IsTerminal) -> Self {
        if stream.is_terminal() { Self::Terminal } else { Self::Other }
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Colour {
    Red,
    Green,
    Yellow,
    Cyan,
}

impl Host<'_> {
    /// Calls `then` with the environment and the standard streams of this process.
    pub(crate) fn with_process<T>(program: &Path, then: impl FnOnce(&mut Host<'_>) -> T) -> T {
        let (mut stdin, mut stdout, mut stderr) = (io::stdin().lock(), io::stdout().lock(), io::stderr().lock());
        let streams = Streams { stdin: Stream::of(&stdin), stdout: Stream::of(&stdout), stderr: Stream::of(&stderr) };
        #[cfg(unix)]
        let mut hidden = crate::hidden::Hidden::new(io::stdin());
        let stdin: &mut dyn Read = match streams.stdin {
            #[cfg(unix)]
            Stream::Terminal => &mut hidden,
            _ => &mut stdin,
        };
        then(&mut Host {
            program,
            variable: &|name| std::env::var_os(name),
            names: &|| std::env::vars_os().map(|(name, _)| name).collect(),
            stdin,
            stdout: &mut stdout,
            stderr: &mut stderr,
            streams,
        })
    }

    /// The environment, as core reads it.
    pub(crate) fn environment(&self) -> Environment<'_> {
        Environment::new(self.variable)
    }

    /// Writes a result. If the reader is gone (`| head`), that is not an error, and the exit status of
    /// the command stays the same.
    pub(crate) fn print(&mut self, text: &str) -> Result<(), Failure> {
        match self.write(text) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::output("standard output", &error)),
            _ => Ok(()),
        }
    }

    /// Writes a result that a reader must get: it is an error if the reader is gone.
    pub(crate) fn deliver(&mut self, text: &str) -> Result<(), Failure> {
        self.write(text).map_err(|error| Failure::output("standard output", &error))
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.stdout.write_all(text.as_bytes()).and_then(|()| self.stdout.flush())
    }

    /// Writes a warning.
    pub(crate) fn warn(&mut self, text: &str) {
        let warning = self.paint_error(Colour::Yellow, "warning:");
        self.tell(&format!("{warning} {text}\n"));
    }

    /// Writes an error or a hint. If standard error is closed, only the exit status remains.
    pub(crate) fn tell(&mut self, text: &str) {
        let _ = self.stderr.write_all(text.as_bytes());
    }

    /// `text` in colour, for standard output.
    pub(crate) fn paint(&self, colour: Colour, text: &str) -> String {
        self.coloured(self.streams.stdout, colour, text)
    }

    /// `text` in colour, for standard error.
    pub(crate) fn paint_error(&self, colour: Colour, text: &str) -> String {
        self.coloured(self.streams.stderr, colour, text)
    }

    /// Whether the terminal can only write on.
    pub(crate) fn has_dumb_terminal(&self) -> bool {
        (self.variable)("TERM").is_some_and(|name| name == "dumb")
    }

    /// Only a terminal gets colours, and only if the user did not turn them off (no-color.org).
    fn coloured(&self, stream: Stream, colour: Colour, text: &str) -> String {
        if stream != Stream::Terminal || self.environment().is_set("NO_COLOR") || self.has_dumb_terminal() {
            return text.to_owned();
        }
        let code = match colour {
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
            Colour::Cyan => 36,
        };
        format!("\x1b[1;{code}m{text}\x1b[0m")
    }
}
