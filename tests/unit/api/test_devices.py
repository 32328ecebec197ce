"""Devices online: sessions, silence, and whether silence proves anything."""

from dataclasses import dataclass

import pytest

from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.row_loader import (
    PortRow,
    PresenceRow,
    device_row,
    load_devices,
    load_ports,
    load_presence,
)
from gigacity_api.indicators.subjects.device.cameras import CAMERA_INTACT, CAMERA_PICTURE
from gigacity_api.indicators.subjects.device.online import DEVICE_ONLINE
from tests.support.camera_rows import camera_row
from tests.support.city import AREA_A, COMMUNITY_A, COMMUNITY_ZONE
from tests.unit.api.conftest import T

S = 1000
LONG_AGO = T - 60 * 86_400 * S


@dataclass
class Case:
    """Reports and sessions of the test city."""

    inventory: Inventory

    def __post_init__(self) -> None:
        self.state = CityState.empty(self.inventory)

    def camera(self, number: int, ago_s: float, intact: bool | None = True) -> "Case":
        row = camera_row(
            round(T - ago_s * S), COMMUNITY_A, f"camera-{number}", AREA_A, intact, True
        )
        load_devices(self.state, self.inventory, "camera", [row], T)
        return self

    def elevator(self, ago_s: float) -> "Case":
        """The elevator connects by itself."""
        row = device_row("elevator")(round(T - ago_s * S), COMMUNITY_A, "elevator-1", AREA_A)
        load_devices(self.state, self.inventory, "elevator", [row], T)
        return self

    def port(self, ago_s: float) -> "Case":
        row = PortRow(round(T - ago_s * S), "olt-a", "1", "0", "xgs-pon", AREA_A, "up", "up")
        load_ports(self.state, self.inventory, [row], T)
        return self

    def session(self, obj: str, id_: str, start: int, **ends: int | None) -> "Case":
        community = COMMUNITY_A if obj == "device" else None
        row = PresenceRow(start, obj, community, id_, start, **ends)
        load_presence(self.state, self.inventory, [row], T)
        return self

    def evaluate(self) -> Evaluation:
        return Evaluator(self.inventory).evaluate(self.state, T)

    def verdict(self, device: str) -> tuple[str, str]:
        index = self.inventory.device_of_tags[COMMUNITY_A][device]
        entry = DEVICE_ONLINE.entry(self.evaluate().instant, index)
        return entry.verdict, entry.reason.slug


@pytest.fixture
def case(inventory: Inventory) -> Case:
    return Case(inventory)


def test_a_fresh_report_is_in(case: Case) -> None:
    assert case.camera(1, 179.9).verdict("camera-1") == ("in", "device_reports")


def test_the_window_excludes_its_far_edge(case: Case) -> None:
    assert case.camera(1, 180).verdict("camera-1")[0] == "unknown"


def test_never_heard_of_and_no_carrier_is_unknown(case: Case) -> None:
    assert case.verdict("camera-1") == ("unknown", "device_carrier_unproven")


def test_a_long_silence_says_the_same_whatever_was_read(inventory: Inventory) -> None:
    """An instant made from one window, as after a restart, knows of no report before it."""
    followed, restarted = Case(inventory).camera(1, 40_000), Case(inventory)
    assert followed.verdict("camera-1") == restarted.verdict("camera-1")


def test_silence_is_out_while_the_gateway_delivers(case: Case) -> None:
    assert case.camera(1, 200).camera(2, 5).verdict("camera-1") == (
        "out",
        "device_silent",
    )


def test_silence_is_unknown_when_the_gateway_was_cut_off_a_while_ago(case: Case) -> None:
    """Camera 2 is still fresh, but not since a report of camera 1 would have been due."""
    found = case.camera(1, 185).camera(2, 125).verdict("camera-1")
    assert found == ("unknown", "device_carrier_unproven")


def test_silence_is_unknown_when_the_gateway_session_has_ended(case: Case) -> None:
    case.session("gateway", "gw-a", LONG_AGO, ended_ms=T - 3 * S).camera(1, 200).camera(2, 5)
    assert case.verdict("camera-1")[0] == "unknown"


def test_silence_is_unknown_when_the_gateway_has_just_come_back(case: Case) -> None:
    """A minute has not passed since, so no report of camera 1 need have been due."""
    case.session("gateway", "gw-a", T - 40 * S).camera(2, 1)
    assert case.verdict("camera-1")[0] == "unknown"


def test_silence_of_a_device_of_its_own_is_out_while_its_area_is_heard(case: Case) -> None:
    case.session("device", "elevator-1", LONG_AGO).elevator(540).port(10)
    assert case.verdict("elevator-1") == ("out", "device_silent")


def test_silence_of_a_device_of_its_own_is_unknown_while_its_area_is_silent(case: Case) -> None:
    assert case.elevator(400).port(300).verdict("elevator-1")[0] == "unknown"


def test_an_ended_session_is_out_at_once(case: Case) -> None:
    case.session("device", "elevator-1", LONG_AGO, ended_ms=T - S).elevator(2)
    assert case.verdict("elevator-1") == ("out", "device_session_ended")


def test_a_session_seen_ended_is_out(case: Case) -> None:
    case.session("device", "elevator-1", LONG_AGO, seen_ended_ms=T - S).elevator(2)
    assert case.verdict("elevator-1")[0] == "out"


def test_an_end_later_than_the_instant_does_not_count_yet(case: Case) -> None:
    case.session("device", "elevator-1", LONG_AGO, ended_ms=T + 1).elevator(2)
    assert case.verdict("elevator-1")[0] == "in"


def test_a_report_after_the_end_says_that_it_is_back(case: Case) -> None:
    case.session("device", "elevator-1", LONG_AGO, ended_ms=T - 10 * S).elevator(2)
    assert case.verdict("elevator-1")[0] == "in"


def test_a_new_session_replaces_the_ended_one_in_whichever_order(case: Case) -> None:
    case.session("device", "elevator-1", T - 20 * S).elevator(5)
    case.session("device", "elevator-1", LONG_AGO, ended_ms=T - 30 * S)
    assert case.verdict("elevator-1")[0] == "in"


def test_a_late_end_of_the_session_before_changes_nothing(case: Case) -> None:
    """The will of the old session arrives after the birth of the new one."""
    case.session("device", "elevator-1", T - 20 * S).elevator(5)
    case.session("device", "elevator-1", LONG_AGO, ended_ms=T - S)
    assert case.verdict("elevator-1")[0] == "in"


def test_a_session_of_a_clock_ahead_counts_from_its_own_time(case: Case) -> None:
    """Four minutes ahead: the session that ended is the newest until the new one's time comes."""
    case.session("device", "elevator-1", LONG_AGO, ended_ms=T - 600 * S)
    case.session("device", "elevator-1", T + 240 * S)
    assert case.verdict("elevator-1")[0] == "out"


def test_an_older_end_of_one_session_wins_over_a_redelivered_later_one(case: Case) -> None:
    case.session("device", "elevator-1", LONG_AGO, ended_ms=T - 20 * S)
    case.session("device", "elevator-1", LONG_AGO, ended_ms=T - S).elevator(10)
    assert case.verdict("elevator-1")[0] == "in"


@pytest.mark.parametrize(("intact", "verdict"), [(True, 1), (False, 0), (None, -1)])
def test_camera_intact_follows_the_newest_report(
    case: Case, intact: bool | None, verdict: int
) -> None:
    case.camera(1, 90, intact=not intact).camera(1, 5, intact=intact)
    index = case.inventory.device_of_tags[COMMUNITY_A]["camera-1"]
    assert verdict == CAMERA_INTACT.judge(case.evaluate().instant).verdicts[index]


def test_a_silent_camera_is_neither_intact_nor_has_a_picture(case: Case) -> None:
    case.camera(1, 200).camera(2, 5)
    index = case.inventory.device_of_tags[COMMUNITY_A]["camera-1"]
    instant = case.evaluate().instant
    for rule in (CAMERA_INTACT, CAMERA_PICTURE):
        assert rule.judge(instant).verdicts[index] == 0


def test_a_report_of_another_kind_is_unregistered(case: Case) -> None:
    row = device_row("elevator")(T - S, COMMUNITY_A, "camera-1", AREA_A)
    load_devices(case.state, case.inventory, "elevator", [row], T)
    figure = case.evaluate().by_key["device.online.elevator", "city", "371600"]
    assert (case.verdict("camera-1")[0], figure.quality.unregistered) == ("unknown", 1)


def test_presence_of_the_unregistered_is_no_figures_concern(case: Case) -> None:
    load_presence(
        case.state, case.inventory,
        [
            PresenceRow(T, "gateway", None, "nobody", T),
            PresenceRow(T, "device", COMMUNITY_ZONE, "nobody", T),
            PresenceRow(T, "spaceship", None, "x", T),
        ],
        T,
    )  # fmt: skip
    assert case.verdict("camera-1")[0] == "unknown"


def test_what_lies_after_the_instant_does_not_count(case: Case) -> None:
    assert case.camera(1, -1).elevator(-1).port(-1).verdict("camera-1")[0] == "unknown"
