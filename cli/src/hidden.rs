//! `Hidden`: standard input on a terminal, read to Enter and not shown.

use std::io::{self, Read};
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, getpid, kill_process};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// How much is read at most: core refuses key texts of this length.
const MAX_INPUT: usize = 64 * 1024 + 1;

/// After Enter, the rest of a pasted text arrives within this time.
const REST_OF_A_PASTE: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;
const CTRL_BACKSLASH: u8 = 0x1c;
const BACKSPACE: [u8; 2] = [0x08, 0x7f];

/// A terminal that a key or a token is pasted into. It does not show what is typed, and it takes lines
/// of any length: in its usual mode a terminal cuts a line after 4095 characters.
pub(crate) struct Hidden<T> {
    terminal: T,
    /// What was typed and is not yet read, once Enter was pressed.
    typed: Option<io::Cursor<Zeroizing<Vec<u8>>>>,
}

impl<T: AsFd> Hidden<T> {
    pub(crate) fn new(terminal: T) -> Self {
        Self { terminal, typed: None }
    }
}

impl<T: AsFd> Read for Hidden<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut text = match self.typed.take() {
            Some(text) => text,
            None => io::Cursor::new(typed(&self.terminal)?),
        };
        let length = (&text.get_ref()[position(&text)..]).read(buffer)?;
        text.set_position(text.position() + length as u64);
        // At its end it is wiped. The next read then waits for another text.
        self.typed = (length > 0).then_some(text);
        Ok(length)
    }
}

fn position(cursor: &io::Cursor<Zeroizing<Vec<u8>>>) -> usize {
    usize::try_from(cursor.position()).unwrap_or(usize::MAX)
}

/// What is typed or pasted, up to Enter or Ctrl-D.
fn typed(terminal: &impl AsFd) -> io::Result<Zeroizing<Vec<u8>>> {
    let quiet = Quiet::begin(terminal)?;
    // Space for everything at once: a growing buffer would leave copies of the key behind.
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_INPUT));
    let mut bytes = Zeroizing::new([0; 1024]);
    loop {
        let length = rustix::io::retry_on_intr(|| rustix::io::read(terminal, &mut bytes[..]))?;
        for &byte in &bytes[..length] {
            match byte {
                CTRL_C | CTRL_BACKSLASH => {
                    drop(quiet);
                    // Ends this process, unless it handles the signal.
                    kill_process(getpid(), Signal::INT)?;
                    return Err(io::Error::other("it was interrupted"));
                }
                CTRL_D => return Ok(text),
                _ if BACKSPACE.contains(&byte) => drop(text.pop()),
                _ => text.push(byte),
            }
            if text.len() == MAX_INPUT {
                return Ok(text);
            }
        }
        let is_end = length == 0 || text.ends_with(b"\n") && is_whole(&text) && !has_more(terminal);
        if is_end {
            return Ok(text);
        }
    }
}

/// Whether the text can end here: PEM and JSON may have several lines.
fn is_whole(text: &[u8]) -> bool {
    let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    let count = |wanted: u8| text.split(|byte| *byte == wanted).count();
    count(b'{') == count(b'}') && (!has(b"-----BEGIN") || has(b"-----END"))
}

fn has_more(terminal: &impl AsFd) -> bool {
    let mut terminals = [PollFd::new(terminal, PollFlags::IN)];
    rustix::io::retry_on_intr(|| poll(&mut terminals, Some(&REST_OF_A_PASTE))).is_ok_and(|ready| ready > 0)
}

/// A terminal that shows nothing of what is typed, until this is dropped.
struct Quiet<'a, T: AsFd> {
    terminal: &'a T,
    usual: Termios,
}

impl<'a, T: AsFd> Quiet<'a, T> {
    fn begin(terminal: &'a T) -> io::Result<Self> {
        let usual = tcgetattr(terminal)?;
        let mut quiet = usual.clone();
        // Without ISIG Ctrl-C is read as a character, so that the usual mode can be restored first.
        quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(terminal, OptionalActions::Now, &quiet)?;
        Ok(Self { terminal, usual })
    }
}

impl<T: AsFd> Drop for Quiet<'_, T> {
    fn drop(&mut self) {
        // Discards what is still unread: a shell would take the rest of a key for a command.
        let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.usual);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_several_lines_ends_with_its_own_end() {
        for (text, whole) in [
            ("MIIE\n", true),
            ("\n", true),
            ("-----BEGIN PRIVATE KEY-----\nMIIE\n", false),
            ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n", true),
            ("{\n", false),
            ("{\"kty\":\"RSA\",\n\"keys\":[{}]\n", false),
            ("{\"kty\":\"RSA\",\n\"keys\":[{}]\n}\n", true),
        ] {
            assert_eq!(is_whole(text.as_bytes()), whole, "{text}");
        }
    }
}
