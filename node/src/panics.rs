//! Panics on demand, for the tests of the boundary. The payloads are secrets that must not be shown.

use napi::bindgen_prelude::{AsyncTask, Function};
use napi::{Env, Task};
use napi_derive::napi;
use scout_auth::Error;

use crate::error::{Result, contained, raised, thrown};

/// Panics in a function.
#[napi(catch_unwind)]
pub fn panic_in_function() {
    panic!("a secret");
}

/// Returns a function that panics.
#[napi(catch_unwind, ts_return_type = "() => void")]
pub fn panic_in_closure(env: &Env) -> Result<Function<'_, (), ()>> {
    let panics = env.create_function_from_closure("panics", |_| -> napi::Result<()> { panic!("a secret") });
    panics.map_err(|_| thrown(Error::Internal))
}

/// Panics in the thread pool.
#[napi(catch_unwind, ts_return_type = "Promise<void>")]
pub fn panic_in_task() -> AsyncTask<Panic> {
    AsyncTask::new(Panic)
}

/// A task that panics.
pub struct Panic;

impl Task for Panic {
    type Output = scout_auth::Result<()>;
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(contained(|| panic!("a secret")))
    }

    fn resolve(&mut self, env: Env, done: Self::Output) -> napi::Result<()> {
        done.map_err(|error| raised(&env, error))
    }
}
