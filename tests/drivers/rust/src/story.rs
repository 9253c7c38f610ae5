//! A clock story: steps on one signer, whose clock they set.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use scout_auth::{Clock, Error, Now, Signer, SignerBuilder, Token};
use serde_json::{Value, json};

use crate::run::yes;

/// A clock that a step sets.
#[derive(Clone)]
struct Hands(Arc<Mutex<Now>>);

impl Clock for Hands {
    fn now(&self) -> Now {
        *self.0.lock().expect("the clock")
    }
}

impl Hands {
    fn stopped() -> Self {
        Self(Arc::new(Mutex::new(Now { unix: 0, monotonic: Duration::ZERO })))
    }

    fn set(&self, step: &Value) {
        let Some(unix) = step["now"].as_u64() else { return };
        let monotonic = Duration::from_secs(step["elapsed"].as_u64().expect("elapsed"));
        *self.0.lock().expect("the clock") = Now { unix, monotonic };
    }
}

/// A token is kept, invalidated, rejected, by the system's clock.
pub(crate) fn live(signer: &Signer) -> Result<Value, Error> {
    let first = signer.token()?;
    pause();
    let kept = signer.token()?.as_str() == first.as_str();
    signer.invalidate();
    let second = signer.token()?;
    pause();
    let retry = signer.rejected(second.as_str(), None);
    let third = signer.token()?;
    Ok(json!({
        "kept": yes(kept),
        "invalidated": yes(second.as_str() != first.as_str()),
        "retry": yes(retry),
        "rejected": yes(third.as_str() != second.as_str()),
    }))
}

/// Waits until a new token has another second.
fn pause() {
    std::thread::sleep(Duration::from_secs(2));
}

/// A signer, and the tokens that it made so far.
struct Teller {
    signer: Signer,
    tokens: Vec<Token>,
    last: String,
}

/// The result of each step.
pub(crate) fn tell(builder: SignerBuilder, given: &Value) -> Result<Value, Error> {
    let clock = Hands::stopped();
    let signer = builder.clock(clock.clone()).build()?;
    let mut teller = Teller { signer, tokens: Vec::new(), last: String::new() };
    let mut answers = json!({});
    for (at, step) in given["steps"].as_array().expect("steps").iter().enumerate() {
        clock.set(step);
        let mut answer = teller.step(step).unwrap_or_else(|error| json!({ "error": error.code() }));
        answer["signatures"] = json!(teller.tokens.len());
        for (name, value) in answer.as_object().expect("an object") {
            answers[format!("steps.{at}.{name}")] = value.clone();
        }
    }
    Ok(answers)
}

impl Teller {
    fn step(&mut self, step: &Value) -> Result<Value, Error> {
        match step["call"].as_str().expect("a call") {
            "token" => self.signer.token().map(|token| self.gave(token)),
            "mint" => self.signer.mint().map(|token| self.gave(token)),
            "invalidate" => {
                self.signer.invalidate();
                Ok(json!({}))
            }
            "rejected" => Ok(self.rejected(step)),
            call => panic!("an unknown call: {call}"),
        }
    }

    /// A token that differs from all before was signed for this step.
    fn gave(&mut self, token: Token) -> Value {
        token.as_str().clone_into(&mut self.last);
        if !self.tokens.iter().any(|known| known.is_same(&token)) {
            self.tokens.push(token);
        }
        json!({ "token": self.last })
    }

    fn rejected(&self, step: &Value) -> Value {
        let token = step["token"].as_str().filter(|token| *token != "last").unwrap_or(&self.last);
        let retry = self.signer.rejected(token, step["date"].as_str());
        json!({ "retry": retry, "clock_offset": self.signer.clock_offset() })
    }
}
