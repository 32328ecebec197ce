"""The grid of evaluation instants, and the instants halfway between them."""

from typing import NamedTuple

from gigacity_contract.errors import ConfigError


class Grid(NamedTuple):
    """Evaluation instants are multiples of ``step_ms``; changes happen halfway between two."""

    step_ms: int

    @classmethod
    def of_seconds(cls, seconds: float) -> "Grid":
        """A grid of this many seconds.

        Raises:
            ConfigError: shorter than 1 s, or not a multiple of 0.2 s, which has no exact middle.
        """
        step_ms = round(seconds * 1000)
        if step_ms < 1000 or step_ms % 200:
            raise ConfigError(
                f"GIGACITY_EVALUATE_TICK_S={seconds:g}: expected at least 1 s in steps of 0.2 s"
            )
        return cls(step_ms)

    def next_half(self, after_ms: int) -> int:
        """The first evaluation tick or middle after this one."""
        half_ms = self.step_ms // 2
        return after_ms - after_ms % half_ms + half_ms

    def is_instant(self, at_ms: int) -> bool:
        """Whether figures are computed at this instant."""
        return at_ms % self.step_ms == 0

    def is_middle(self, at_ms: int) -> bool:
        """Whether changes happen at this instant."""
        return at_ms % self.step_ms == self.step_ms // 2

    def middle_from(self, at_ms: int) -> int:
        """The first middle at or after this instant."""
        half_ms = self.step_ms // 2
        return at_ms + (half_ms - at_ms) % self.step_ms
