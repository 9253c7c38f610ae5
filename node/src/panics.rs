//! Panics on demand, for the tests of the boundary. The payloads hold what must not be seen.

use napi::bindgen_prelude::{AsyncTask, Function};
use napi::{Env, Result, Task};
use napi_derive::napi;

use crate::error::contained;

/// Panics in a function.
#[napi(catch_unwind)]
pub fn panic_in_function() {
    panic!("a secret");
}

/// Gives a function that panics.
#[napi(catch_unwind, ts_return_type = "() => void")]
pub fn panic_in_closure(env: &Env) -> Result<Function<'_, (), ()>> {
    env.create_function_from_closure("panics", |_| -> Result<()> { panic!("a secret") })
}

/// Panics in the thread pool.
#[napi(catch_unwind, ts_return_type = "Promise<void>")]
pub fn panic_in_task() -> AsyncTask<Panic> {
    AsyncTask::new(Panic)
}

/// A task that panics.
pub struct Panic;

impl Task for Panic {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        contained(|| panic!("a secret"))
    }

    fn resolve(&mut self, _env: Env, (): ()) -> Result<()> {
        Ok(())
    }
}
