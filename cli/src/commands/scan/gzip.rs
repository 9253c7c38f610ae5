//! `Gzip`: the contents of a file in gzip (RFC 1952).

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use zeroize::Zeroizing;

/// What gzip begins with, if it holds DEFLATE.
pub(super) const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// The rest of the header that every member has, in bytes: flags, time, flags and system.
const HEADER: usize = 7;

/// The sum and the length behind a member, in bytes.
const TRAILER: usize = 8;

/// How far DEFLATE looks back, in bytes (RFC 1951 §2).
const WINDOW: usize = 32 * 1024;

/// The most that a file may hold, in bytes: DEFLATE can make a thousandfold of a few bytes.
const LARGEST: u64 = 1 << 30;

/// Reads the contents of gzip. What is damaged is `InvalidData`; sums are not checked.
pub(super) struct Gzip<R> {
    source: BufReader<R>,
    decoder: Box<DecompressorOxide>,
    window: Zeroizing<Vec<u8>>,
    /// What of the window is decoded and not yet read.
    ready: std::ops::Range<usize>,
    is_in_member: bool,
    length: u64,
}

impl<R: Read> Gzip<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source: BufReader::with_capacity(WINDOW, source),
            decoder: Box::default(),
            window: Zeroizing::new(vec![0; WINDOW]),
            ready: 0..0,
            is_in_member: false,
            length: 0,
        }
    }

    /// Reads the header of the next member. Returns whether there is one: zeros, or anything else, may
    /// follow the last.
    fn begin(&mut self) -> io::Result<bool> {
        let mut magic = Vec::new();
        (&mut self.source).take(MAGIC.len() as u64).read_to_end(&mut magic)?;
        if magic != MAGIC {
            return Ok(false);
        }
        let flags = self.bytes::<HEADER>()?[0];
        let has = |flag: u8| flags & 1 << flag != 0;
        if has(2) {
            let length = u16::from_le_bytes(self.bytes()?);
            io::copy(&mut (&mut self.source).take(length.into()), &mut io::sink())?;
        }
        for _ in [3, 4].into_iter().filter(|flag| has(*flag)) {
            while self.bytes()? != [0] {}
        }
        if has(1) {
            self.bytes::<2>()?;
        }
        self.decoder.init();
        self.is_in_member = true;
        Ok(true)
    }

    /// Decodes a part of the member.
    fn decode(&mut self) -> io::Result<()> {
        let input = self.source.fill_buf()?;
        let is_end = input.is_empty();
        let start = self.ready.end % WINDOW;
        let (status, consumed, written) =
            decompress(&mut self.decoder, input, &mut self.window, start, TINFL_FLAG_HAS_MORE_INPUT);
        self.source.consume(consumed);
        self.ready = start..start + written;
        self.length += written as u64;
        match status {
            TINFLStatus::Done => {
                self.is_in_member = false;
                self.bytes::<TRAILER>().map(drop)
            }
            TINFLStatus::HasMoreOutput => Ok(()),
            TINFLStatus::NeedsMoreInput if !is_end => Ok(()),
            _ => Err(damaged()),
        }
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        match self.source.read_exact(&mut bytes) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(damaged()),
            read => read.map(|()| bytes),
        }
    }
}

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() {
            if self.length > LARGEST {
                return Err(io::Error::other("it holds more than 1 GiB"));
            }
            if !self.is_in_member && !self.begin()? {
                return Ok(0);
            }
            self.decode()?;
        }
        let read = (&self.window[self.ready.clone()]).read(buffer)?;
        self.ready.start += read;
        Ok(read)
    }
}

fn damaged() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "its gzip is damaged")
}
