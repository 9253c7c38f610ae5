//! Standard input and output, one message a line, each on a thread of its own: both may block.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};

use tokio::sync::mpsc::{Receiver, Sender};

use crate::commands::mcp::LARGEST;
use crate::words::ascii;

/// What the client writes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// A line, without its end.
    Line(Vec<u8>),
    /// A line of more than [`LARGEST`] bytes, which was not kept.
    TooLong,
    /// The client is gone.
    End,
}

/// Passes on each line that is not blank. The channel is full while the bridge is busy; then the
/// client waits, too.
pub(super) fn read(input: impl io::Read, lines: &Sender<Input>) {
    let mut input = BufReader::new(input);
    while let Some(line) = next_line(&mut input) {
        if lines.blocking_send(line).is_err() {
            return;
        }
    }
    let _ = lines.blocking_send(Input::End);
}

/// The next line that is not blank; none at the end.
fn next_line(input: &mut impl BufRead) -> Option<Input> {
    let (mut line, mut is_too_long) = (Vec::new(), false);
    loop {
        let piece = match input.fill_buf() {
            Ok([]) if line.is_empty() && !is_too_long => return None,
            // The last line may have no end.
            Ok(piece) => piece,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return None,
        };
        let end = piece.iter().position(|byte| *byte == b'\n');
        let (taken, is_whole) = (end.map_or(piece.len(), |end| end + 1), end.is_some() || piece.is_empty());
        is_too_long |= line.len() + taken > LARGEST;
        if is_too_long {
            line = Vec::new();
        } else {
            line.extend_from_slice(&piece[..end.unwrap_or(taken)]);
        }
        input.consume(taken);
        match (is_whole, is_too_long) {
            (false, _) => {}
            (true, true) => return Some(Input::TooLong),
            (true, false) if line.trim_ascii().is_empty() => line.clear(),
            (true, false) => return Some(Input::Line(line)),
        }
    }
}

/// Writes each message as a line. If the client reads slowly, the channel fills, and the server waits.
pub(super) fn write(mut output: File, mut messages: Receiver<String>, lines: &Sender<Input>) {
    while let Some(mut message) = messages.blocking_recv() {
        message.push('\n');
        if output.write_all(message.as_bytes()).is_err() {
            // Nobody reads: the client is gone.
            let _ = lines.blocking_send(Input::End);
            return;
        }
    }
}

/// Says something on standard error: one line, in which a server's words control no terminal. Some clients
/// show a line as a failure if the word "error" is in it.
pub(super) fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "scout-auth mcp: {}", ascii(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], buffer: usize) -> Vec<Input> {
        let mut input = BufReader::with_capacity(buffer, text);
        std::iter::from_fn(|| next_line(&mut input)).collect()
    }

    #[test]
    fn lines_are_read_with_and_without_an_end() {
        for buffer in 1..12 {
            let line = |text: &str| Input::Line(text.as_bytes().to_vec());
            assert_eq!(lines(b"\n{1}\r\n \n{22}\n\n{3}", buffer), [line("{1}\r"), line("{22}"), line("{3}")]);
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_dropped_and_the_next_is_read() {
        let mut text = vec![b'x'; LARGEST + 1];
        text.extend_from_slice(b"\n{}\n");
        assert_eq!(lines(&text, 8192), [Input::TooLong, Input::Line(b"{}".to_vec())]);
        assert_eq!(lines(&text[..=LARGEST], 8192), [Input::TooLong]);
    }
}
