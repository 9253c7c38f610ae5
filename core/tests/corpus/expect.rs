//! What core must answer to a case: the manifest's verdict, and for a refusal exactly one error.

use std::cell::RefCell;
use std::collections::BTreeSet;

use libtest_mimic::Trial;

use crate::trial;

/// What core must answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Accept,
    /// The key is accepted, and each signature with it is refused with `KeyCannotSign`.
    AcceptButCannotSign,
    /// Refused, with the error of that name.
    Refuse(&'static str),
}

use Outcome::{Accept, Refuse};

/// Which error a rejected case gives. The first row that fits is taken.
///
/// A row names a case, the beginning of cases' names (ending in `*`), or a `reason` or `policy` of
/// the manifest.
pub(crate) type Codes = &'static [(&'static str, &'static str)];

/// Where core differs from the manifest on purpose: what as in [`Codes`], the outcome, and why.
///
/// A row that accepts stands for cases that the manifest rejects, and the reverse.
pub(crate) type Exceptions = &'static [(&'static str, Outcome, &'static str)];

/// The tables of one kind of case. Each row must be of use to some case.
pub(crate) struct Expectations {
    codes: Codes,
    exceptions: Exceptions,
    used_codes: RefCell<BTreeSet<&'static str>>,
    used_exceptions: RefCell<BTreeSet<&'static str>>,
}

impl Expectations {
    pub(crate) fn new(codes: Codes, exceptions: Exceptions) -> Self {
        Self { codes, exceptions, used_codes: RefCell::default(), used_exceptions: RefCell::default() }
    }

    /// The outcome of the case with that name, which the manifest accepts or rejects, with its
    /// `reason` and `policy` codes.
    pub(crate) fn outcome(&self, name: &str, accept: bool, labels: &[String]) -> Outcome {
        let differs = |outcome: &Outcome| matches!(outcome, Refuse(_)) == accept;
        let mut exceptions = self.exceptions.iter().filter(|(_, outcome, _)| differs(outcome));
        if let Some((row, outcome, _)) = exceptions.find(|(row, ..)| fits(row, name, labels)) {
            self.used_exceptions.borrow_mut().insert(row);
            *outcome
        } else if accept {
            Accept
        } else {
            Refuse(self.code(name, labels).unwrap_or("an error that the test's table should name"))
        }
    }

    /// The error that the table names for the case.
    pub(crate) fn code(&self, name: &str, labels: &[String]) -> Option<&'static str> {
        let (row, code) = self.codes.iter().find(|(row, _)| fits(row, name, labels))?;
        self.used_codes.borrow_mut().insert(row);
        Some(code)
    }

    /// A test that each row was of use, once all cases have asked for their outcome.
    pub(crate) fn all_used(&self, name: &str) -> Trial {
        let codes = self.codes.iter().map(|(row, _)| *row);
        let codes = codes.filter(|row| !self.used_codes.borrow().contains(row));
        let exceptions = self.exceptions.iter().map(|(row, ..)| *row);
        let exceptions = exceptions.filter(|row| !self.used_exceptions.borrow().contains(row));
        let unused: Vec<_> = codes.chain(exceptions).collect();
        trial(format!("{name}: each row of the tables stands for a case"), move || {
            assert!(unused.is_empty(), "no case needs {unused:?}");
        })
    }
}

fn fits(row: &str, name: &str, labels: &[String]) -> bool {
    match row.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => row == name || labels.iter().any(|label| label == row),
    }
}

/// The outcome that core gave.
pub(crate) fn given<T>(result: &scout_auth::Result<T>) -> Outcome {
    match result {
        Ok(_) => Accept,
        Err(error) => Refuse(error.code()),
    }
}
