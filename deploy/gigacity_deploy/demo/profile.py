"""What differs between the small demo with its fast clock and the full city. Pure."""

from dataclasses import dataclass
from pathlib import Path

from gigacity_contract.errors import ConfigError

CITIES = Path(__file__).resolve().parents[2] / "city"
"""City folders of the source tree."""


@dataclass(frozen=True, slots=True)
class DemoProfile:
    """One way to run the demo."""

    name: str
    folder: str
    tick_s: int
    allowed_lateness_s: int
    check_s: float
    """How long a checked run lasts unless told otherwise."""
    ready_s: float
    """How long a child may take to be ready."""

    def city(self, given: Path | None) -> Path:
        """The city folder: the given one, or the profile's.

        Raises:
            ConfigError: there is none.
        """
        city = given or CITIES / self.folder
        if not city.is_dir():
            raise ConfigError(
                f"city folder {city} does not exist: start from a source tree, or set --city"
            )
        return city


PROFILES = {
    p.name: p
    for p in (
        DemoProfile(
            "demo", "binzhou-demo", tick_s=5, allowed_lateness_s=2, check_s=120.0, ready_s=60.0
        ),
        DemoProfile(
            "city", "binzhou", tick_s=60, allowed_lateness_s=30, check_s=900.0, ready_s=300.0
        ),
    )
}


def profile_named(name: str) -> DemoProfile:
    """A profile by its name.

    Raises:
        ConfigError: there is none of this name.
    """
    if name not in PROFILES:
        raise ConfigError(f"--profile {name}: choose from {', '.join(PROFILES)}")
    return PROFILES[name]


@dataclass(frozen=True, slots=True)
class TimeStretch:
    """A stretch of time, seconds after the simulator's start."""

    at_s: float
    for_s: float

    @property
    def end_s(self) -> float:
        """When it ends."""
        return self.at_s + self.for_s


def parse_interval(option: str, text: str) -> TimeStretch:
    """Read ``AT:FOR``, both in seconds.

    Raises:
        ConfigError: naming the option.
    """
    at, _, length = text.partition(":")
    try:
        interval = TimeStretch(float(at), float(length))
    except ValueError:
        raise ConfigError(f"{option} {text!r}: expected AT:FOR in seconds, such as 30:20") from None
    if interval.at_s < 0 or interval.for_s <= 0:
        raise ConfigError(f"{option} {text!r}: AT must not be negative, FOR must be above 0")
    return interval


def cut_of(duration_s: float, *, pon_window_s: float, tick_s: float) -> TimeStretch:
    """When a checked run cuts one OLT off, so that its ports become unknown for some instants.

    Ports stay known for a window after the last report, so that the cut outlasts it by three
    instants; before it, there is time for every port to be heard for a window and two instants to
    be compared; and it ends before the run does.

    Raises:
        ConfigError: the run is too short for all that.
    """
    length_s = pon_window_s + 3 * tick_s
    at_s = min(duration_s * 0.6, duration_s - length_s - tick_s)
    missing_s = pon_window_s + 2 * tick_s - at_s
    if missing_s > 0:
        raise ConfigError(
            f"--duration {duration_s:g} is too short for --check here: a window of"
            f" {pon_window_s:g} s and a tick of {tick_s:g} s need at least"
            f" {pon_window_s + length_s + 3 * tick_s:g}"
        )
    return TimeStretch(at_s, length_s)
