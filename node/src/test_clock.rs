//! `TestClock`: a clock that tests move.

use napi::bindgen_prelude::External;
use napi_derive::napi;
use scout_auth::{Signer, SignerBuilder, TestClock};

use crate::error::{Result, thrown};
use crate::settings::SignerOptions;

/// Makes a clock.
#[napi(catch_unwind)]
pub fn test_clock_new() -> External<TestClock> {
    External::new(TestClock::default())
}

/// Moves it by so many seconds.
#[napi(catch_unwind)]
pub fn test_clock_advance(clock: &External<TestClock>, seconds: i64) {
    clock.advance(seconds);
}

/// Makes a signer of a credential file that reads this clock.
#[napi(catch_unwind)]
pub fn test_clock_signer(
    clock: &External<TestClock>,
    path: String,
    options: SignerOptions,
) -> Result<External<Signer>> {
    let builder = SignerBuilder::from_file(path).settings(options.into()).clock(TestClock::clone(clock));
    builder.build().map(External::new).map_err(thrown)
}
