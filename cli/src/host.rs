//! `Host`: where a command runs.

use std::ffi::OsString;
use std::io::{self, ErrorKind, IsTerminal as _, Read, Write};

use scout_auth::{Error, Result};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The environment and the streams of one run.
pub struct Host<'a> {
    /// Looks up an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// Standard input: read only where a command needs it.
    pub stdin: &'a mut dyn Read,
    /// Standard output: results, secrets among them.
    pub stdout: &'a mut dyn Write,
    /// Standard error: errors and hints, never a secret.
    pub stderr: &'a mut dyn Write,
    /// Which of the streams are terminals.
    pub terminals: Terminals,
}

/// Which of the standard streams are terminals.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terminals {
    /// Someone types: what is awaited is said on standard error.
    pub stdin: bool,
    /// Results may be coloured.
    pub stdout: bool,
    /// Errors may be coloured.
    pub stderr: bool,
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
    pub(crate) fn with_process<T>(then: impl FnOnce(&mut Host<'_>) -> T) -> T {
        let (mut stdin, mut stdout, mut stderr) = (io::stdin().lock(), io::stdout().lock(), io::stderr().lock());
        let terminals =
            Terminals { stdin: stdin.is_terminal(), stdout: stdout.is_terminal(), stderr: stderr.is_terminal() };
        then(&mut Host {
            variable: &|name| std::env::var_os(name),
            stdin: &mut stdin,
            stdout: &mut stdout,
            stderr: &mut stderr,
            terminals,
        })
    }

    /// Whether an environment variable is set and not empty.
    pub(crate) fn has(&self, name: &str) -> bool {
        (self.variable)(name).is_some_and(|value| !value.is_empty())
    }

    /// The text of an environment variable. An empty one counts as unset.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<Zeroizing<String>>> {
        match (self.variable)(name).filter(|value| !value.is_empty()).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(text)) => Ok(Some(Zeroizing::new(text))),
            Some(Err(_)) => Err(Error::VariableNotText { variable: name }),
        }
    }

    /// Writes a result. Where nobody reads any more (`| head`) there is nobody to tell: the status
    /// of the command stays what it is.
    pub(crate) fn print(&mut self, text: &str) -> std::result::Result<(), Failure> {
        match self.stdout.write_all(text.as_bytes()).and_then(|()| self.stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::output("standard output", &error)),
            _ => Ok(()),
        }
    }

    /// Writes an error or a hint. Where standard error is closed, the exit status has to do.
    pub(crate) fn tell(&mut self, text: &str) {
        let _ = self.stderr.write_all(text.as_bytes());
    }

    /// `text` in colour, for standard output.
    pub(crate) fn paint(&self, colour: Colour, text: &str) -> String {
        self.coloured(self.terminals.stdout, colour, text)
    }

    /// `text` in colour, for standard error.
    pub(crate) fn paint_error(&self, colour: Colour, text: &str) -> String {
        self.coloured(self.terminals.stderr, colour, text)
    }

    /// Colour is for terminals, and for people who did not turn it off (no-color.org).
    fn coloured(&self, is_terminal: bool, colour: Colour, text: &str) -> String {
        if !is_terminal || self.has("NO_COLOR") {
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
