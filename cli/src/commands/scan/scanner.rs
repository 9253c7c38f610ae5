//! `Scanner`: searches a stream in a buffer of constant size.

use std::io::{self, ErrorKind, Read};

use zeroize::{Zeroize as _, Zeroizing};

use super::gzip::{Gzip, MAGIC};
use super::leak::{Leak, Search, What, Work};
use super::run::REACH;

/// The size of the buffer. It holds most files whole, and a part of a larger one.
const BUFFER: usize = 1024 * 1024;

/// What stays in the buffer before the place where the search goes on, and what must be in it behind
/// that place unless the stream ends: the reach of every search from its needle, in UTF-16 too.
const CONTEXT: usize = 4 * REACH;

/// A leak in a stream.
pub(super) struct Place {
    /// From 1.
    pub(super) line: u64,
    /// In characters, from 1.
    pub(super) column: u64,
    pub(super) form: String,
    pub(super) what: What,
    /// Whether its line says that it may be there.
    pub(super) is_allowed: bool,
}

/// Searches one stream after the other.
pub(super) struct Scanner {
    search: Search,
    buffer: Vec<u8>,
    /// How much of the buffer was ever in use.
    used: usize,
}

/// Wipes what was in use. Most processes read a few small files, so the rest has no memory yet.
impl Drop for Scanner {
    fn drop(&mut self) {
        self.buffer[..self.used].zeroize();
    }
}

impl Scanner {
    pub(super) fn new(search: Search) -> Self {
        Self { search, buffer: vec![0; BUFFER], used: 0 }
    }

    /// Searches the stream to its end, or what it holds in gzip. Returns the length of what was searched, in
    /// bytes. What is in it is added to the places, also if the end cannot be reached.
    pub(super) fn scan(&mut self, mut source: &mut dyn Read, places: &mut Vec<Place>) -> io::Result<u64> {
        let mut start = [0; MAGIC.len()];
        let (read, all) = fill(&mut source, &mut start);
        all?;
        let mut whole = (&start[..read]).chain(source);
        if start != MAGIC {
            return self.search(&mut whole, places);
        }
        let known = places.len();
        let searched = self.search(&mut Gzip::new(whole), places);
        for place in &mut places[known..] {
            place.form += " in gzip";
        }
        searched
    }

    fn search(&mut self, source: &mut dyn Read, places: &mut Vec<Place>) -> io::Result<u64> {
        let (mut length, mut passed) = (0, Passed::default());
        let (mut filled, mut searched, mut order) = (0, 0, None);
        loop {
            // Pairs of bytes stay together.
            let free = (BUFFER - filled) & !1;
            let new = &mut self.buffer[filled..filled + free];
            let (read, all) = fill(source, new);
            let order = *order.get_or_insert_with(|| utf16(&new[..read]));
            length += read as u64;
            filled += read;
            self.used = self.used.max(filled);
            let is_end = read < free;
            let text = &self.buffer[..filled];
            let end = if is_end { filled } else { (filled.saturating_sub(CONTEXT) & !1).max(searched) };
            let mut known = Vec::new();
            let mut work = Work::of(filled);
            if let Some(order) = order {
                // And as it is, because a program may append in another encoding.
                let narrow = narrow(text, order);
                let leaks = self.search.leaks(&narrow, searched / 2..end.div_ceil(2), &mut work);
                known.extend(leaks.iter().map(|leak| 2 * leak.at + order));
                let passed = Passed { characters: passed.characters / 2, ..passed };
                add(places, &narrow, leaks, passed);
            }
            let mut leaks = self.search.leaks(text, searched..end, &mut work);
            leaks.retain(|leak| known.binary_search(&leak.at).is_err());
            add(places, text, leaks, passed);
            if work.is_too_much() {
                return Err(io::Error::other("too much of it looks like a key"));
            }
            if is_end {
                return all.map(|()| length);
            }
            let start = end.saturating_sub(CONTEXT);
            passed = passed.and(&text[..start]);
            self.buffer.copy_within(start..filled, 0);
            (filled, searched) = (filled - start, end - start);
        }
    }
}

/// Reads until the buffer is full or the stream ends. Returns how much was read, also before an error.
fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> (usize, io::Result<()>) {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (filled, Err(error)),
        }
    }
    (filled, Ok(()))
}

/// Which byte of each pair holds the character, if the text is UTF-16, with a byte order mark or
/// without: the other byte is zero in almost every pair.
fn utf16(start: &[u8]) -> Option<usize> {
    let pairs: Vec<&[u8]> = start.chunks_exact(2).take(32).collect();
    [0, 1].into_iter().find(|order| {
        let narrow = pairs.iter().filter(|pair| pair[*order] != 0 && pair[1 - order] == 0).count();
        narrow >= 2 && narrow * 4 >= pairs.len() * 3
    })
}

/// UTF-16 as ASCII, with `?` for other characters.
fn narrow(text: &[u8], order: usize) -> Zeroizing<Vec<u8>> {
    let character = |pair: &[u8]| if pair[1 - order] == 0 { pair[order] } else { b'?' };
    Zeroizing::new(text.chunks_exact(2).map(character).collect())
}

/// What is before a place: whole lines, and characters of its own line.
#[derive(Clone, Copy, Default)]
struct Passed {
    lines: u64,
    characters: u64,
}

impl Passed {
    /// This, and then the text.
    fn and(self, text: &[u8]) -> Self {
        let end = text.iter().rposition(|byte| *byte == b'\n');
        let line = &text[end.map_or(0, |end| end + 1)..];
        // The first byte of each character of UTF-8.
        let characters = line.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64;
        Self {
            lines: self.lines + newlines(text),
            characters: characters + if end.is_none() { self.characters } else { 0 },
        }
    }
}

/// Adds what is in the text, in the order of the text, to the places.
fn add(places: &mut Vec<Place>, text: &[u8], leaks: Vec<Leak>, mut before: Passed) {
    let mut counted = 0;
    places.extend(leaks.into_iter().map(|leak| {
        before = before.and(&text[counted..leak.at]);
        counted = leak.at;
        Place {
            line: before.lines + 1,
            column: before.characters + 1,
            form: leak.form,
            what: leak.what,
            is_allowed: leak.is_allowed,
        }
    }));
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}
