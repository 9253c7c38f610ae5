//! `InUse`: the credential in use, the one before it, and what is known of their source.
//!
//! A rotation replaces key, credential id and kid in one step. The credential before is kept for a
//! while, because a new key may reach its users before it reaches all of Scout.

use std::sync::Arc;
use std::time::Duration;

use crate::jwt::Sent;
use crate::minter::Minter;
use crate::source::Look;

/// How long the previous credential is kept after a rotation.
const KEPT: Duration = Duration::from_mins(10);

/// How long the previous credential is used after a 401 to the new one, in seconds.
pub(crate) const FALLBACK: u64 = 30;

/// Times are of the monotonic clock.
#[derive(Clone)]
pub(crate) struct InUse {
    pub(crate) minter: Arc<Minter>,
    previous: Option<Previous>,
    /// `None` for a credential without a source.
    pub(crate) look: Option<Look>,
}

#[derive(Clone)]
struct Previous {
    minter: Arc<Minter>,
    kept_until: Duration,
    /// It is used until then, after a 401 to the new one.
    used_until: Option<Duration>,
}

impl InUse {
    pub(crate) fn new(minter: Minter, look: Option<Look>) -> Self {
        Self { minter: Arc::new(minter), previous: None, look }
    }

    /// The credential after a rotation.
    pub(crate) fn rotated(&self, minter: Minter, look: Look, now: Duration) -> Self {
        let previous = Previous { minter: Arc::clone(&self.minter), kept_until: now + KEPT, used_until: None };
        Self { minter: Arc::new(minter), previous: Some(previous), look: Some(look) }
    }

    /// The same credential after another look at its source.
    pub(crate) fn looked(&self, look: Look) -> Self {
        Self { look: Some(look), ..self.clone() }
    }

    /// Whether the previous credential mints at that time, because the new one was refused.
    pub(crate) fn uses_previous(&self, time: Duration) -> bool {
        self.previous.as_ref().and_then(|previous| previous.used_until).is_some_and(|until| time < until)
    }

    /// Who mints at that time.
    pub(crate) fn minter_at(&self, time: Duration) -> &Minter {
        match &self.previous {
            Some(previous) if self.uses_previous(time) => &previous.minter,
            _ => &self.minter,
        }
    }

    /// The credential after a 401 to that token: the previous one is used for a while if the new one
    /// was refused, and let go if it was refused itself. `None` if neither is the case. `minted` says
    /// when the current token was minted.
    ///
    /// The refused token need not be the current one: another thread may have minted that meanwhile.
    pub(crate) fn refused(&self, token: &Sent<'_>, minted: Duration, now: Duration) -> Option<Self> {
        let was_previous = self.uses_previous(minted);
        let previous = self.previous.clone().filter(|previous| !was_previous && now < previous.kept_until);
        let is_other = previous.is_some() || was_previous;
        let used_until = Some(now + Duration::from_secs(FALLBACK));
        let previous = previous.map(|previous| Previous { used_until, ..previous });
        (is_other && self.minter_at(minted).has_minted(token)).then(|| Self { previous, ..self.clone() })
    }

    /// The credential without a previous one that was kept long enough: its key is wiped with it.
    pub(crate) fn tidied(&self, now: Duration) -> Option<Self> {
        let is_over = self.previous.as_ref().is_some_and(|previous| now >= previous.kept_until);
        is_over.then(|| Self { previous: None, ..self.clone() })
    }
}
