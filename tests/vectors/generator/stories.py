"""Clock stories: times and calls, and which token each call returns.

Each step may set the clock: `now` is the wall-clock time in Unix seconds; `elapsed` is the monotonic
time since the story began, in seconds, and grows as `now` does if it is missing.
"""

from collections.abc import Callable
from email.utils import formatdate

from .group import Group
from .material import Key
from .tokens import EARLIEST, NOW, minted


class Story:
    """Writes the steps and their results. `signatures` counts the tokens made so far."""

    def __init__(self, key: Key, **settings: int) -> None:
        self.key, self.settings = key, settings
        self.lifetime = settings.get("lifetime", 300)
        self.steps: list[dict[str, object]] = []
        self.answers: list[dict[str, object]] = []
        self.signatures = 0

    def step(self, call: str, answer: dict[str, object], **given: object) -> "Story":
        self.steps.append({"call": call} | given)
        self.answers.append(answer | {"signatures": self.signatures})
        return self

    def new(self, issued_at: int, call: str = "token", **clock: int) -> "Story":
        """The call signs a token of that time."""
        self.signatures += 1
        return self._returns(issued_at, call, clock)

    def kept(self, issued_at: int, **clock: int) -> "Story":
        """The call returns the token of that time again."""
        return self._returns(issued_at, "token", clock)

    def _returns(self, issued_at: int, call: str, clock: dict[str, int]) -> "Story":
        return self.step(call, {"token": minted(self.key, "cred_123", issued_at, self.lifetime)}, **clock)

    def refused(self, error: str, **clock: int) -> "Story":
        return self.step("token", {"error": error}, **clock)

    def invalidate(self, **clock: int) -> "Story":
        return self.step("invalidate", {}, **clock)

    def rejected(
        self, *, retry: bool, offset: int, date: int | str | None = None, token: str = "last", **clock: int
    ) -> "Story":
        """`token` is the last one that was given, or any text."""
        given = {"token": token} | clock
        if date is not None:
            given["date"] = date if isinstance(date, str) else formatdate(date, usegmt=True)
        return self.step("rejected", {"retry": retry, "clock_offset": offset}, **given)


def story_group(key: Key) -> Group:
    cases = Group("times and calls to which token is given, and how many signatures were made")

    def tell(name: str, story: Story) -> None:
        given = {"key": "first", "credential_id": "cred_123", "steps": story.steps} | story.settings
        cases.add(name, "story", given, {"steps": story.answers})

    def begin(**settings: int) -> Story:
        return Story(key, **settings)

    tell("a token is kept at the same moment", begin().new(NOW, now=NOW).kept(NOW).kept(NOW))
    tell(
        "a token is kept while 30 s remain", begin().new(NOW, now=NOW).kept(NOW, now=NOW + 269).kept(NOW, now=NOW + 270)
    )
    tell(
        "a token is replaced when 29 s remain", begin().new(NOW, now=NOW).new(NOW + 271, now=NOW + 271).kept(NOW + 271)
    )
    tell("a token is replaced when it has expired", begin().new(NOW, now=NOW).new(NOW + 300, now=NOW + 300))
    tell("a token is replaced after a long sleep", begin().new(NOW, now=NOW).new(NOW + 86400, now=NOW + 86400))
    tell(
        "a short lifetime has half of it as its margin",
        begin(lifetime=20).new(NOW, now=NOW).kept(NOW, now=NOW + 10).new(NOW + 11, now=NOW + 11),
    )
    tell(
        "a margin of 0 keeps a token to its last second",
        begin(refresh_margin=0).new(NOW, now=NOW).kept(NOW, now=NOW + 299).new(NOW + 300, now=NOW + 300),
    )
    tell(
        "a large margin replaces a token early",
        begin(refresh_margin=299).new(NOW, now=NOW).kept(NOW, now=NOW + 1).new(NOW + 2, now=NOW + 2),
    )
    tell(
        "a lifetime of 1 s makes a token for each second",
        begin(lifetime=1).new(NOW, now=NOW).kept(NOW).new(NOW + 1, now=NOW + 1),
    )
    tell(
        "a backdate begins the lifetime earlier",
        begin(backdate=60).new(NOW - 60, now=NOW).kept(NOW - 60, now=NOW + 210).new(NOW + 151, now=NOW + 211),
    )
    tell("minting leaves the current token", begin().new(NOW, now=NOW).new(NOW + 5, "mint", now=NOW + 5).kept(NOW))
    tell("minting first leaves no current token", begin().new(NOW, "mint", now=NOW).new(NOW))
    tell("invalidate makes the next call sign", begin().new(NOW, now=NOW).invalidate().new(NOW + 1, now=NOW + 1))
    tell("invalidate before the first token is harmless", begin().invalidate(now=NOW).new(NOW).kept(NOW))
    tell(
        "a clock set back behind the minting makes a new token",
        begin().new(NOW, now=NOW).new(NOW - 3600, now=NOW - 3600, elapsed=10).kept(NOW - 3600),
    )
    tell(
        "a clock set back within the lifetime does not prolong a token",
        begin().new(NOW, now=NOW).kept(NOW, now=NOW + 50, elapsed=250).new(NOW + 71, now=NOW + 71, elapsed=271),
    )
    tell(
        "a clock set forward makes a new token",
        begin().new(NOW, now=NOW).new(NOW + 3600, now=NOW + 3600, elapsed=1),
    )
    tell(
        "a suspension that only the time of day knows makes a new token",
        begin().new(NOW, now=NOW).new(NOW + 400, now=NOW + 400, elapsed=0),
    )
    tell("a clock before 2020 makes no token", begin().refused("ERR_CLOCK", now=EARLIEST - 1).new(NOW, now=NOW))
    tell("the first second of 2020 makes a token", begin().new(EARLIEST, now=EARLIEST))
    tell("a clock that falls to 1970 makes no token", begin().new(NOW, now=NOW).refused("ERR_CLOCK", now=0, elapsed=5))
    rejections(tell, begin)
    yes = dict.fromkeys(("kept", "invalidated", "retry", "rejected"), "yes")
    given = {"key": "first", "credential_id": "cred_123"}
    cases.add("a token is kept until invalidate or a rejection, by the system's clock", "live", given, yes)
    return cases


def rejections(tell: Callable[[str, Story], None], begin: Callable[[], Story]) -> None:
    """After a 401."""
    hour, day = 3600, 86400
    tell(
        "a rejected token is dropped",
        begin().new(NOW, now=NOW).rejected(retry=True, offset=0, now=NOW + 1).new(NOW + 1),
    )
    tell(
        "a retry that would send the same bytes is not worth it",
        begin().new(NOW, now=NOW).rejected(retry=False, offset=0, date=NOW).new(NOW),
    )
    tell(
        "a retry that would send the same bytes is not worth it with a backdate either",
        begin(backdate=60).new(NOW - 60, now=NOW).rejected(retry=False, offset=0, date=NOW).new(NOW - 60),
    )
    tell(
        "a retry a second later is worth it with a backdate too",
        begin(backdate=60).new(NOW - 60, now=NOW).rejected(retry=True, offset=0, date=NOW, now=NOW + 1).new(NOW - 59),
    )
    tell(
        "another token than the current one leaves it",
        begin().new(NOW, now=NOW).rejected(retry=True, offset=0, token="another").kept(NOW),
    )
    tell(
        "a server five seconds ahead is in time",
        begin().new(NOW, now=NOW).rejected(retry=False, offset=0, date=NOW + 5).new(NOW),
    )
    tell(
        "a server six seconds ahead is followed",
        begin()
        .new(NOW, now=NOW)
        .rejected(retry=True, offset=6, date=NOW + 6)
        .new(NOW + 6)
        .kept(NOW + 6, now=NOW + 270),
    )
    tell(
        "a server an hour behind is followed",
        begin().new(NOW, now=NOW).rejected(retry=True, offset=-3600, date=NOW - 3600).new(NOW - 3600),
    )
    tell(
        "a server a day behind is followed",
        begin().new(NOW, now=NOW).rejected(retry=True, offset=-day, date=NOW - day).new(NOW - day),
    )
    tell(
        "a server more than a day behind is not believed",
        begin().new(NOW, now=NOW).rejected(retry=False, offset=0, date=NOW - day - 1).new(NOW),
    )
    tell(
        "a server an hour ahead is followed",
        begin().new(NOW, now=NOW).rejected(retry=True, offset=hour, date=NOW + hour).new(NOW + hour),
    )
    tell(
        "a server more than an hour ahead is not believed",
        begin().new(NOW, now=NOW).rejected(retry=False, offset=0, date=NOW + hour + 1).new(NOW),
    )
    tell(
        "a date that cannot be read is passed over",
        begin().new(NOW, now=NOW).rejected(retry=False, offset=0, date="yesterday").new(NOW),
    )
    tell(
        "a server that is in time again is learnt",
        begin()
        .new(NOW, now=NOW)
        .rejected(retry=True, offset=60, date=NOW + 60)
        .new(NOW + 60)
        .rejected(retry=True, offset=0, date=NOW + 10, now=NOW + 10)
        .new(NOW + 10),
    )
    tell(
        "a small change of a known offset changes nothing",
        begin()
        .new(NOW, now=NOW)
        .rejected(retry=True, offset=60, date=NOW + 60)
        .new(NOW + 60)
        .rejected(retry=False, offset=60, date=NOW + 63)
        .new(NOW + 60),
    )
    tell(
        "a rejection before the first token is worth a retry",
        begin().rejected(retry=True, offset=0, now=NOW, token="another").new(NOW),
    )
    tell(
        "a learnt offset survives invalidate",
        begin().new(NOW, now=NOW).rejected(retry=True, offset=60, date=NOW + 60).invalidate().new(NOW + 60),
    )
    offsets(tell, begin)


def offsets(tell: Callable[[str, Story], None], begin: Callable[[], Story]) -> None:
    """How a learnt offset moves, and how it ends."""

    def learnt(offset: int = 60) -> Story:
        """A token that was minted with an offset."""
        return begin().new(NOW, now=NOW).rejected(retry=True, offset=offset, date=NOW + offset).new(NOW + offset)

    tell(
        "a second move away from zero waits for the end of a lifetime",
        learnt()
        .rejected(retry=True, offset=60, date=NOW + 10 + 295, now=NOW + 10)
        .new(NOW + 70)
        .rejected(retry=True, offset=60, date=NOW + 299 + 295, now=NOW + 299)
        .new(NOW + 359)
        .rejected(retry=True, offset=295, date=NOW + 300 + 295, now=NOW + 300)
        .new(NOW + 595),
    )
    tell(
        "the end of a lifetime is told by monotonic time",
        learnt().rejected(retry=True, offset=60, date=NOW + 1000 + 295, now=NOW + 1000, elapsed=10).new(NOW + 1060),
    )
    tell(
        "an offset becomes smaller at any time",
        learnt(3600).rejected(retry=True, offset=60, date=NOW + 60).new(NOW + 60),
    )
    tell(
        "an offset of the other sign ends at zero within a lifetime",
        learnt(-3600).rejected(retry=True, offset=0, date=NOW + 3600).new(NOW),
    )
    tell(
        "a way back to zero opens no other way out",
        learnt()
        .rejected(retry=True, offset=0, date=NOW)
        .new(NOW)
        .rejected(retry=False, offset=0, date=NOW + 60)
        .new(NOW),
    )
    tell(
        "a rejection without a date ends the offset of the token, and once",
        learnt(-3600).rejected(retry=True, offset=0).new(NOW).rejected(retry=False, offset=0).new(NOW),
    )
    tell(
        "a date that cannot be read counts as none",
        learnt().rejected(retry=True, offset=0, date="yesterday").new(NOW),
    )
    tell(
        "a date that is not believed counts as none",
        learnt().rejected(retry=True, offset=0, date=NOW + 86400).new(NOW),
    )
    tell(
        "a rejection of another token without a date leaves the offset",
        learnt().rejected(retry=True, offset=60, token="another").kept(NOW + 60),
    )
