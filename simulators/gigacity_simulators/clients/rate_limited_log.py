"""Things a person should be told once in a while, not once a client. Pure; time is an argument."""

from collections.abc import Callable


class RateLimitedLog:
    """Passes a notice on at once, and the same kind of it again only after some time."""

    def __init__(self, tell: Callable[[str], None], *, quiet_s: float = 10.0) -> None:
        self._tell = tell
        self._quiet_s = quiet_s
        self._silent_until_s: dict[str, float] = {}
        self._held_back: dict[str, int] = {}

    def say(self, kind: str, text: str, now_s: float) -> None:
        """Tell, or count what is held back."""
        if now_s < self._silent_until_s.get(kind, 0.0):
            self._held_back[kind] = self._held_back.get(kind, 0) + 1
            return
        more = self._held_back.pop(kind, 0)
        self._silent_until_s[kind] = now_s + self._quiet_s
        self._tell(f"{text} ({more} more of these before)" if more else text)
