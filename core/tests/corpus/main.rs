//! The corpus of keys, tokens and signatures that others published, run case by case.
//!
//! It lies beside the checkout, in `../shared/corpus`, or where `SCOUT_AUTH_CORPUS` says, and is
//! never copied into the project. Each case is one test, `<folder>/<file or id>`, and its verdict is
//! the manifest's. Where core is stricter or laxer on purpose, or several errors would fit, a table
//! of the module says which it is: see [`expect`].

mod expect;
mod keys;
mod rfcs;
mod signatures;
mod texts;
mod tokens;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use libtest_mimic::{Arguments, Trial};
use serde::de::DeserializeOwned;

/// The folder that holds the corpus.
struct Corpus(PathBuf);

impl Corpus {
    /// Nothing where there is no corpus beside the checkout. One that was named must be there.
    fn locate() -> Option<Self> {
        if let Some(named) = env::var_os("SCOUT_AUTH_CORPUS") {
            return Some(Self(PathBuf::from(named)));
        }
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
        beside.is_dir().then_some(Self(beside))
    }

    fn bytes(&self, file: &str) -> Vec<u8> {
        fs::read(self.0.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    fn text(&self, file: &str) -> String {
        String::from_utf8(self.bytes(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    fn json<T: DeserializeOwned>(&self, file: &str) -> T {
        serde_json::from_slice(&self.bytes(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    fn trials(&self) -> Vec<Trial> {
        [keys::trials, texts::trials, tokens::trials, signatures::trials, rfcs::trials]
            .into_iter()
            .flat_map(|trials| trials(self))
            .collect()
    }
}

/// A test that passes unless it panics.
fn trial(name: String, check: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, || {
        check();
        Ok(())
    })
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let corpus = Corpus::locate();
    if corpus.is_none() {
        println!("ran without the corpus: there is none in ../shared/corpus");
    }
    let trials = corpus.iter().flat_map(Corpus::trials).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
