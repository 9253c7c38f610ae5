//! `Offset`: how far the server's clock is ahead of the local one, learnt from responses of 401.
//!
//! A token of the future is worth something to the server that asked for it. So the offset moves
//! away from zero slowly and not far, and back to zero at once.

use std::time::Duration;

use crate::jwt::Sent;

/// A smaller difference is not learnt, in seconds: `Date` has whole seconds, and the response takes
/// time to arrive.
const TOLERANCE: u64 = 5;

/// The differences that are believed, in seconds: the server is at most a day behind or an hour
/// ahead.
const BELIEVED: std::ops::RangeInclusive<i64> = -24 * 60 * 60..=60 * 60;

/// How long before its time a server commonly accepts a token, in seconds.
const TOLERATED: u64 = 60;

/// The offset in use, and when it last moved away from zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offset {
    /// Seconds to add to the local clock.
    pub(crate) seconds: i64,
    /// By the monotonic clock.
    moved_away: Option<Duration>,
}

impl Offset {
    /// The difference that the time of a server shows, or `None` if it is not believed.
    pub(crate) fn measure(server: u64, local: u64) -> Option<i64> {
        server.checked_signed_diff(local).filter(|difference| BELIEVED.contains(difference))
    }

    /// Whether the time of a server explains why it refused the token, whatever the credential.
    pub(crate) fn explains(server: u64, token: &Sent<'_>) -> bool {
        !(token.issued_at.saturating_sub(TOLERATED)..token.expires_at).contains(&server)
    }

    /// The offset after a difference was measured. It moves away from zero at most once in `pause`,
    /// and towards zero always.
    pub(crate) fn learn(self, measured: i64, monotonic: Duration, pause: Duration) -> Self {
        if measured.abs_diff(self.seconds) <= TOLERANCE {
            return self;
        }
        let seconds = if measured.unsigned_abs() <= TOLERANCE { 0 } else { measured };
        // The part of the way that leads towards zero: a change of sign passes zero.
        let towards_zero =
            if self.seconds < 0 { seconds.clamp(self.seconds, 0) } else { seconds.clamp(0, self.seconds) };
        let may_move_away = self.moved_away.is_none_or(|last| monotonic.saturating_sub(last) >= pause);
        if seconds == towards_zero || !may_move_away {
            Self { seconds: towards_zero, ..self }
        } else {
            Self { seconds, moved_away: Some(monotonic) }
        }
    }

    /// Zero, after a token that was minted under this offset was refused and no time was measured.
    pub(crate) fn reset(self) -> Self {
        Self { seconds: 0, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_mins(5);

    fn learn(known: Offset, measured: i64, monotonic: u64) -> Offset {
        known.learn(measured, Duration::from_secs(monotonic), PAUSE)
    }

    #[test]
    fn the_offset_moves_away_from_zero_once_in_a_lifetime_and_towards_zero_always() {
        let first = learn(Offset::default(), 60, 1000);
        assert_eq!(first.seconds, 60);
        for (measured, expected) in [(61, 60), (120, 60), (3600, 60), (40, 40), (3, 0), (-2, 0), (-86_400, 0)] {
            assert_eq!(learn(first, measured, 1299).seconds, expected, "{measured}");
        }
        assert_eq!(learn(first, 120, 1300).seconds, 120);
        assert_eq!(learn(first, -120, 1300).seconds, -120);
        // A way back to zero does not open another way out.
        assert_eq!(learn(learn(first, 0, 1001), 60, 1002).seconds, 0);
        assert_eq!(learn(first.reset(), 60, 1299).seconds, 0);
    }

    #[test]
    fn a_server_that_asks_again_and_again_gains_no_hour() {
        let mut offset = Offset::default();
        for request in 0..300 {
            offset = learn(offset, offset.seconds + 295, 1000 + request);
        }
        assert_eq!(offset.seconds, 295);
    }

    #[test]
    fn a_server_is_believed_up_to_a_day_behind_and_an_hour_ahead() {
        let local = 1_800_000_000;
        for (server, expected) in [
            (local + 3600, Some(3600)),
            (local + 3601, None),
            (local - 86_400, Some(-86_400)),
            (local - 86_401, None),
            (0, None),
            (u64::MAX, None),
        ] {
            assert_eq!(Offset::measure(server, local), expected, "{server}");
        }
    }
}
