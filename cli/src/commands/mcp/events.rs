//! `Events`: a stream of server-sent events (WHATWG HTML, "Server-sent events").

use std::time::Duration;

use crate::commands::mcp::LARGEST;

/// One event, or the end of one: what a blank line in the stream ends.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    /// The event's id, for `Last-Event-ID`. An event without data may have one, too.
    pub(super) id: Option<Vec<u8>>,
    /// How long to wait before connecting again.
    pub(super) retry: Option<Duration>,
    /// The data, if the event is a message.
    pub(super) data: Option<Vec<u8>>,
}

/// An event has more bytes than any message may have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Reads events from the pieces of a body.
#[derive(Default)]
pub(super) struct Events {
    line: Vec<u8>,
    /// The line before ended with CR, so an LF that follows belongs to it.
    after_cr: bool,
    /// The first line may begin with a byte order mark.
    has_begun: bool,
    event: Event,
    /// Data of an event that is not a message is not kept.
    is_message: Option<bool>,
}

impl Events {
    /// Takes the next piece of the body and returns the events that it ends.
    pub(super) fn push(&mut self, mut piece: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        while !piece.is_empty() {
            if std::mem::take(&mut self.after_cr) && piece[0] == b'\n' {
                piece = &piece[1..];
                continue;
            }
            let end = piece.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            self.line.extend_from_slice(&piece[..end.unwrap_or(piece.len())]);
            // Checked as the data grows: a server may never end its line or its event.
            if self.line.len() + self.event.data.as_ref().map_or(0, Vec::len) > LARGEST {
                return Err(TooLong);
            }
            let Some(end) = end else { break };
            self.after_cr = piece[end] == b'\r';
            piece = &piece[end + 1..];
            events.extend(self.end_line());
        }
        Ok(events)
    }

    /// Takes the line; a blank one ends the event.
    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        let line = if std::mem::replace(&mut self.has_begun, true) {
            &line[..]
        } else {
            line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line)
        };
        if line.is_empty() {
            return self.end_event();
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"event" => self.is_message = Some(value == b"message"),
            b"data" => match &mut self.event.data {
                None => self.event.data = Some(value.to_vec()),
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
            },
            b"id" if !value.contains(&0) => self.event.id = Some(value.to_vec()),
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                let milliseconds = str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
                self.event.retry = milliseconds.map(Duration::from_millis);
            }
            // A comment, or a field that nobody knows.
            _ => {}
        }
        None
    }

    fn end_event(&mut self) -> Option<Event> {
        let is_message = self.is_message.take().unwrap_or(true);
        let mut event = std::mem::take(&mut self.event);
        event.data = event.data.filter(|data| is_message && !data.is_empty());
        (event != Event::default()).then_some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(data: &str) -> Event {
        Event { data: Some(data.as_bytes().to_vec()), ..Event::default() }
    }

    fn all(stream: &str) -> Vec<Event> {
        Events::default().push(stream.as_bytes()).expect("short events")
    }

    #[test]
    fn an_event_ends_at_a_blank_line_after_any_line_end() {
        for end in ["\n", "\r\n", "\r"] {
            let stream =
                ["event: message", "data: {\"a\":", "data:1}", "", ": a comment", "", "data: 2", "", "data: 3"];
            // A CR at the end of a piece may be half of a line end, and ends the line all the same.
            assert_eq!(all(&stream.join(end)), [message("{\"a\":\n1}"), message("2")], "{end:?}");
        }
    }

    #[test]
    fn events_are_the_same_in_pieces_of_any_size() {
        let stream =
            "\u{feff}id: 7\r\nretry: 250\r\ndata: \u{e9}\r\n\r\nid\n\ndata\n\nevent: ping\ndata: x\n\ndata: y\r\r";
        let whole = all(stream);
        let first = Event {
            id: Some(b"7".to_vec()),
            retry: Some(Duration::from_millis(250)),
            data: Some("\u{e9}".as_bytes().to_vec()),
        };
        let second = Event { id: Some(Vec::new()), ..Event::default() };
        assert_eq!(whole, [first, second, message("y")]);
        for size in 1..stream.len() {
            let mut events = Events::default();
            let pieces = stream.as_bytes().chunks(size).flat_map(|piece| events.push(piece).expect("short events"));
            assert_eq!(pieces.collect::<Vec<_>>(), whole, "{size}");
        }
    }

    #[test]
    fn an_id_or_a_time_that_cannot_be_used_is_ignored() {
        assert_eq!(all("id: a\0b\nretry: -1\nretry: 1s\nretry:\nretry: 99999999999999999999999\n\n"), []);
    }

    #[test]
    fn an_event_that_never_ends_is_refused() {
        let mut events = Events::default();
        let line = format!("data: {}\n", "x".repeat(1 << 20));
        let refused = (0..LARGEST >> 20).find_map(|_| events.push(line.as_bytes()).err());
        assert_eq!(refused, Some(TooLong));
        let mut events = Events::default();
        let line = vec![b'x'; 1 << 20];
        let refused = (0..=LARGEST >> 20).find_map(|_| events.push(&line).err());
        assert_eq!(refused, Some(TooLong));
    }
}
