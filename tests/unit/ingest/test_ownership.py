"""Which areas a worker owns and says that it owns, and when a session that is given up is empty."""

import pytest

from gigacity_city.model import City
from gigacity_contract.errors import ConfigError
from gigacity_contract.process.settings import refuse_renamed
from gigacity_ingest.ownership.areas import owned_areas
from gigacity_ingest.ownership.drain import DrainStep, SessionActivity, SessionDrain
from gigacity_ingest.ownership.owners import OwnRow, ownership_problems
from gigacity_ingest.settings import IngestSettings
from gigacity_ingest.worker_config import topic_filters
from tests.support.city import AREA_A, AREA_B, RETIRED_A, ZONE
from tests.unit.ingest.messages import NOW_MS


@pytest.mark.parametrize(
    ("areas", "group", "owned"),
    [
        ("", "", "*"),
        (AREA_A, "", f"{AREA_A},{RETIRED_A}"),
        (f"{AREA_B},{AREA_A}", "", f"{AREA_A},{AREA_B},{RETIRED_A}"),
        (AREA_B, "hot", f"$share/hot/{AREA_B}"),
        ("", "hot", "$share/hot/*"),
    ],
)
def test_a_worker_says_which_area_codes_it_was_granted(
    city: City, areas: str, group: str, owned: str
) -> None:
    assert owned_areas(topic_filters(areas, city, group)) == owned


def test_who_was_granted_nothing_owns_nothing() -> None:
    assert owned_areas(()) == ""


def test_members_of_a_group_share_the_areas_and_each_reads_status(city: City) -> None:
    area = f"gigacity/v1/{AREA_B}"
    assert set(topic_filters(AREA_B, city, "hot")) == {
        f"$share/hot/{area}/#",
        f"{area}/+/+/status",
        f"{area}/community/+/+/status",
    }


def test_a_group_over_everything_reads_the_status_of_everything(city: City) -> None:
    assert set(topic_filters("", city, "hot")) == {
        "$share/hot/gigacity/v1/#",
        "gigacity/v1/+/+/+/status",
        "gigacity/v1/+/community/+/+/status",
    }


def test_a_group_needs_a_name_that_can_stand_in_a_filter() -> None:
    with pytest.raises(ConfigError, match="GIGACITY_MQTT_SHARED_GROUP='a/b'"):
        IngestSettings(mqtt_shared_group="a/b")


def test_a_group_needs_a_name_that_nobody_guesses() -> None:
    """No Mosquitto keeps a device out of a group whose name it knows."""
    with pytest.raises(ConfigError, match="at least 16 characters"):
        IngestSettings(mqtt_shared_group="hot")
    assert IngestSettings(mqtt_shared_group="5f1d0c9b7a3e8264").mqtt_shared_group


@pytest.mark.parametrize("name", ["GIGACITY_WORKERS", "GIGACITY_MQTT_FILTERS"])
def test_settings_of_the_supervisor_are_refused_with_what_to_do_instead(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: .*GIGACITY_MQTT_AREAS"):
        refuse_renamed({name: "2"})


# --- owners by the workers' rows ----------------------------------------------------------------


def _row(worker: str, areas: str, *, silent_s: float = 5, up: bool = True) -> OwnRow:
    return OwnRow(worker, NOW_MS - int(silent_s * 1000), areas, up)


def _problems(city: City, *rows: OwnRow) -> list[str]:
    return ownership_problems(city.areas, rows, NOW_MS)


def test_one_worker_for_all_and_one_for_each_area_are_well(city: City) -> None:
    assert _problems(city, _row("w-0", "*")) == []
    apart = [_row("w-0", f"{AREA_A},{RETIRED_A}"), _row("w-1", f"{AREA_B},{ZONE}")]
    assert _problems(city, *apart, _row("drained", "", silent_s=900, up=False)) == []
    assert _problems(city, _row("w-0", "$share/hot/*"), _row("w-1", "$share/hot/*")) == []


def test_an_area_that_nobody_owns_is_named_and_so_is_a_retired_code(city: City) -> None:
    assert len(_problems(city)) == 4
    (first, second) = _problems(city, _row("w-0", f"{AREA_A},{ZONE}"))
    assert f"nobody owns {RETIRED_A} (a retired code of {AREA_A})" in first
    assert f"nobody owns {AREA_B}: " in second
    assert "GIGACITY_MQTT_AREAS" in second


@pytest.mark.parametrize("other", [AREA_B, f"$share/hot/{AREA_B}", "*"])
def test_an_area_with_two_owners_is_named_with_both(city: City, other: str) -> None:
    all_of = f"{AREA_A},{AREA_B},{RETIRED_A},{ZONE}"
    problems = _problems(city, _row("w-0", all_of), _row("w-1", other))
    assert any(f"w-0 and w-1 own {AREA_B}:" in problem for problem in problems)


def test_an_owner_that_is_silent_or_without_its_broker_is_named_and_still_owns(city: City) -> None:
    (silent,) = _problems(city, _row("w-0", "*", silent_s=700))
    assert "w-0 owns * and has written no row for 700 s" in silent
    (away,) = _problems(city, _row("w-0", "*", up=False))
    assert "w-0 is not connected to its broker" in away


# --- when a session is empty --------------------------------------------------------------------


def _seen(
    *, delivered: int = 0, answers: int = 0, waiting: int = 0, up: bool = True
) -> SessionActivity:
    return SessionActivity(up, delivered, answers, waiting)


def test_a_session_is_empty_after_two_answers_and_silence() -> None:
    drain = SessionDrain(quiet_s=2.0)
    assert drain.observe(0.0, _seen(answers=1)) is DrainStep.WAIT

    assert drain.observe(0.1, _seen(answers=1)) is DrainStep.ASK
    assert drain.observe(0.2, _seen(answers=1)) is DrainStep.WAIT
    assert drain.observe(0.3, _seen(answers=2)) is DrainStep.ASK
    assert drain.observe(0.4, _seen(answers=3)) is DrainStep.WAIT
    assert drain.observe(2.0, _seen(answers=3)) is DrainStep.WAIT
    assert drain.observe(2.2, _seen(answers=3)) is DrainStep.END


@pytest.mark.parametrize(
    "disturbed",
    [
        _seen(delivered=1, answers=5),
        _seen(answers=5, waiting=1),
        _seen(answers=5, up=False),
    ],
    ids=["a message", "something on its way", "no connection"],
)
def test_any_disturbance_starts_over(disturbed: SessionActivity) -> None:
    drain = SessionDrain(quiet_s=1.0)
    drain.observe(0.0, _seen())
    drain.observe(0.1, _seen())
    drain.observe(0.2, _seen(answers=1))
    assert drain.observe(5.0, disturbed) is DrainStep.WAIT

    quiet = _seen(delivered=disturbed.delivered, answers=5)
    assert drain.observe(6.0, quiet) is DrainStep.ASK
    assert drain.observe(9.0, quiet) is DrainStep.WAIT


def test_without_answers_a_session_never_counts_as_empty() -> None:
    drain = SessionDrain(quiet_s=1.0)
    steps = [drain.observe(float(i), _seen()) for i in range(1000)]

    assert DrainStep.END not in steps
    assert steps.count(DrainStep.ASK) == 1
