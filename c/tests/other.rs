//! Another Rust static library, for a program that links two.

/// Allocates, formats, and catches a panic: what needs the standard library to be whole.
#[unsafe(no_mangle)]
pub extern "C" fn other_length(number: u64) -> usize {
    let caught = std::panic::catch_unwind(|| assert!(number != 7, "seven"));
    if caught.is_err() { 0 } else { format!("{number}").len() }
}
