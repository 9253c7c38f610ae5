//! Runs one block of the documentation: `scout-auth-docs PAGE NUMBER`. `SCOUT_URL` is the server in place of Scout's.

mod blocks {
    #![allow(clippy::pedantic, reason = "an example is short")]
    include!(concat!(env!("OUT_DIR"), "/blocks.rs"));
}

/// A page, the number of the block on it, and the block.
type Block = (&'static str, usize, fn() -> Result);
type Result = std::result::Result<(), Box<dyn std::error::Error>>;

fn main() -> Result {
    let mut arguments = std::env::args().skip(1);
    let (Some(page), Some(number)) = (arguments.next(), arguments.next()) else {
        return Err("usage: scout-auth-docs PAGE NUMBER".into());
    };
    let number: usize = number.parse()?;
    let run = blocks::BLOCKS.iter().find(|block| (block.0, block.1) == (&*page, number)).ok_or("no such block")?.2;
    run()
}

/// The address of a path at the server.
fn scout(path: &str) -> &'static str {
    let server = std::env::var("SCOUT_URL").expect("SCOUT_URL is set");
    (server + path).leak()
}
