"""The rules and worked examples of ``docs/figures.md``: the page says what the code does."""

import re
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import pytest

from gigacity_api.evaluator.dirty_instants import instants
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.display import display_of
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.quality import Quality
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.row_loader import (
    PortRow,
    device_row,
    load_devices,
    load_ports,
    load_presence,
)
from gigacity_api.reports.declarations import DeclaredFigure
from gigacity_api.reports.gaps import gap_of
from gigacity_city.model import Building, City, Community, PortKey, RegisteredPort, Target
from tests.support.camera_rows import camera_row
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, COMMUNITY_B, ZONE
from tests.unit.api.conftest import Running, T
from tests.unit.api.test_devices import Case
from tests.unit.api.test_operating_figures import OLT, city_of, evaluate, report
from tests.unit.api.test_routes import get
from tests.unit.api.worlds import AREAS, SOURCE, build_city, session

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/figures.md").read_text(encoding="utf-8")
S, MINUTE = 1000, 60_000
TEN = 10 * 3600
"""The page's T, 10:00:00, as seconds of its day."""


def table(section: int, number: int = 0) -> list[list[str]]:
    """The cells of a table of the page, without its head."""
    text = PAGE.split(f"\n## {section}. ")[1].split("\n## ")[0]
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [
        [cell.strip().strip("`") for cell in line.strip("|\n").split("|")]
        for line in blocks[number].splitlines()[2:]
    ]


def ago_s(time: str) -> float:
    """How long before the page's T a time of its day is."""
    hours, minutes, seconds = time.split(":")
    return round(TEN - 3600 * int(hours) - 60 * int(minutes) - float(seconds), 3)


@pytest.fixture
def case(inventory: Inventory) -> Case:
    return Case(inventory)


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 20
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), name


# ---- 1. instants and ranges --------------------------------------------------------------------


@pytest.mark.parametrize(("ts", "counts"), table(1, 1))
def test_a_window_excludes_its_beginning_and_includes_the_instant(
    inventory: Inventory, ts: str, counts: str
) -> None:
    state = CityState.empty(inventory)
    row = PortRow(round(T - ago_s(ts) * S), "olt-a", "1", "0", "xgs-pon", AREA_A, "up", "up")
    load_ports(state, inventory, [row], T)
    figure = Evaluator(inventory).evaluate(state, T).by_key["pon.ports_10g", "city", "371600"]
    assert figure.known_in == (counts == "yes")


def test_from_is_exclusive_and_to_inclusive(evaluated: Running) -> None:
    evaluated.clock.wall_ms = T + MINUTE + 30_000
    evaluated.core.step()
    path = "/api/v1/indicators/pon.ports_10g/history?from=2027-01-15T08:00:00Z&to="
    found = get(evaluated, path + "2027-01-15T08:01:00Z")["items"]
    assert [point["as_of_ms"] - T for point in found] == [MINUTE]


# ---- 2. what is shown --------------------------------------------------------------------------


@pytest.mark.parametrize(("known_in", "known_out", "unknown", "value", "text"), table(2))
def test_the_page_says_what_is_shown(
    known_in: str, known_out: str, unknown: str, value: str, text: str
) -> None:
    inside, out, rest = int(known_in), int(known_out), int(unknown)
    known, whole = inside + out, inside + out + rest
    figure = Figure(
        "pon.port_share_10g", "city", "371600", inside / known if known else None, inside, whole,
        inside / whole if whole else None, (inside + rest) / whole if whole else None, inside, out,
        rest, None, "no_target", Quality(None, None, "none"),
    )  # fmt: skip
    assert value == ("null" if figure.value is None else f"{figure.value:.2%}")
    assert display_of(figure, is_ratio=True).display_text == text


# ---- 3. targets --------------------------------------------------------------------------------


def test_an_areas_own_target_holds_for_itself_alone(city: City) -> None:
    own = Target("pon.port_share_10g", "area", AREA_B, 0.4, "at_least", "", SOURCE)
    inventory = Inventory(replace(city, targets=(*city.targets, own)))
    found = Evaluator(inventory).evaluate(CityState.empty(inventory), T).by_key
    targets = {
        (scope, code): found["pon.port_share_10g", scope, code].target
        for scope, code in (
            ("city", "371600"), ("area", AREA_A), ("area", AREA_B), ("olt", "olt-b")
        )
    }  # fmt: skip
    assert list(targets.values()) == [0.25, 0.25, 0.4, 0.25]


# ---- 4. denominators ---------------------------------------------------------------------------


def of_city(evaluation: Evaluation, indicator: str) -> tuple[Figure, str]:
    figure = evaluation.by_key[indicator, "city", "371600"]
    return figure, display_of(figure, is_ratio=True).display_text


def test_the_examples_of_availability_onus_and_capacity() -> None:
    up = [report(n) for n in range(6)]
    off = [report(n, admin="down", oper="down") for n in (7, 8)]
    figure, text = of_city(
        evaluate(city_of(10), *up, report(6, oper="down"), *off), "pon.port_availability"
    )
    assert (figure.value, figure.denominator) == (6 / 7, 8)
    assert (figure.lower, figure.upper) == (6 / 8, 7 / 8)
    assert text == "85.71%"

    onus = evaluate(city_of(3), report(0), report(1, onu_total=6, onu_online=4))
    figure, text = of_city(onus, "onu.online")
    assert (figure.value, figure.denominator) == (14 / 16, 80)
    assert text == "17.50% .. 97.50%"

    homes = evaluate(city_of(4), report(0), report(1), report(2, oper="down"))
    figure, text = of_city(homes, "home.gigabit_capacity")
    assert (figure.known_in, figure.known_out, figure.unknown) == (80, 40, 40)
    assert figure.denominator == 100
    assert (figure.lower, figure.upper, text) == (0.8, 1.2, "80.00%")

    section = PAGE.split("\n## 4. ")[1].split("\n## ")[0]
    for example in ("6/7 = 85.71%", "17.50% .. 97.50%", "80.00% .. 120.00%"):
        assert example in section


# ---- 5. nothing to count -----------------------------------------------------------------------


def test_places_where_nothing_is_counted() -> None:
    """An area with ports and no households, and one with households and no ports."""
    bare = build_city(
        [Community(f"{AREAS[1]}000001", "社区", AREAS[1], 111, 1000)],
        [Building("b1", f"{AREAS[1]}000001", 100)],
        [RegisteredPort(PortKey(OLT, 1, n), "xgs-pon") for n in range(2)],
        [(0, 0)],
        [0],
        parameters=city_of(1).parameters,
        targets=(
            *city_of(1).targets,
            Target("device.online", "city", "", 0.9, "at_least", "", SOURCE),
        ),
    )
    off = [report(n, admin="down", oper="down") for n in range(2)]
    found = evaluate(bare, *off).by_key

    devices = found["device.online", "city", "371600"]
    assert (devices.denominator, devices.value) == (0, None)
    assert (devices.lower, devices.upper) == (None, None)
    assert devices.verdict == "undetermined"
    assert display_of(devices, is_ratio=True).display_text == "-"
    assert ("device.online", "area", AREAS[0]) not in found
    for scope, code in (("olt", OLT), ("area", AREAS[0]), ("city", "371600")):
        switched_off = found["pon.port_availability", scope, code]
        assert (switched_off.denominator, switched_off.value, switched_off.upper) == (0, None, None)
    without_ports = found["home.gigabit_capacity", "area", AREAS[1]]
    assert (without_ports.value, without_ports.lower, without_ports.upper) == (None, 0, 0)
    without_homes = found["home.gigabit_capacity", "area", AREAS[0]]
    assert (without_homes.value, without_homes.lower, without_homes.upper) == (None, None, None)


def test_a_figure_does_not_disappear_when_the_last_port_is_switched_off(
    evaluated: Running, city: City
) -> None:
    """It would go on to be served, and stored, as it stood before."""
    for registered in city.ports:
        key = registered.key
        tags = {
            "area": city.olt_by_id[key.olt].area, "olt": key.olt, "slot": str(key.slot),
            "port": str(key.port), "tech": registered.tech,
        }  # fmt: skip
        evaluated.store.put("pon_port", T + MINUTE - S, tags, admin="down", oper="down")
    evaluated.clock.advance_s(60)
    assert evaluated.core.step()
    path = "/api/v1/indicators/pon.port_availability/history?scope=olt&code=olt-a"
    before, after = get(evaluated, path)["items"]
    assert (before["value"], before["denominator"]) == (1.0, 8)
    assert (after["value"], after["denominator"], after["display_text"]) == (None, 0, "-")


# ---- 6. sessions -------------------------------------------------------------------------------


@pytest.mark.parametrize(("newest", "reported", "verdict"), table(6, 1))
def test_the_page_says_what_sessions_decide(
    case: Case, newest: str, reported: str, verdict: str
) -> None:
    ends = {} if newest == "open" else {"ended_ms": round(T - ago_s(newest.split()[1]) * S)}
    case.session("device", "camera-1", T - 86_400 * S, **ends).camera(1, ago_s(reported))
    assert case.verdict("camera-1")[0] == verdict


# ---- 7. proven to deliver ----------------------------------------------------------------------


@pytest.mark.parametrize(("gateway", "heard", "verdict"), table(7, 1))
def test_the_page_says_when_a_carrier_is_proven_to_deliver(
    case: Case, gateway: str, heard: str, verdict: str
) -> None:
    if gateway.startswith("open"):
        case.session("gateway", "gw-a", round(T - ago_s(gateway.rsplit(maxsplit=1)[-1]) * S))
    elif gateway.startswith("ended"):
        ended_ms = round(T - ago_s(gateway.rsplit(maxsplit=1)[-1]) * S)
        case.session("gateway", "gw-a", T - 86_400 * S, ended_ms=ended_ms)
    case.camera(2, ago_s(heard))
    assert case.verdict("camera-1")[0] == verdict


def test_any_report_of_its_area_proves_a_device_of_its_own(inventory: Inventory) -> None:
    """A port, a device behind a gateway; not the unregistered, a birth, or another area."""

    def silent() -> Case:
        return Case(inventory).elevator(1000)

    assert silent().port(10).verdict("elevator-1")[0] == "out"
    assert silent().camera(2, 10).verdict("elevator-1")[0] == "out"

    birth = silent().session("device", "elevator-1", T - 900 * S)
    load_presence(birth.state, inventory, [session("gateway", "gw-a", T - 10 * S)], T)
    stranger = PortRow(T - 10 * S, "nobody", "1", "0", "xgs-pon", AREA_A, "up", "up")
    elsewhere = PortRow(T - 10 * S, "olt-z", "1", "0", "xg-pon", ZONE, "up", "up")
    load_ports(birth.state, inventory, [stranger, elsewhere], T)
    ghost = camera_row(T - 10 * S, COMMUNITY_A, "nobody", AREA_A, True, True)
    load_devices(birth.state, inventory, "camera", [ghost], T)
    assert birth.verdict("elevator-1") == ("unknown", "device_carrier_unproven")


@pytest.mark.parametrize(("own", "reported", "verdict"), table(7, 2))
def test_the_page_says_how_long_a_link_of_its_own_is_in_doubt(
    case: Case, own: str, reported: str, verdict: str
) -> None:
    """The elevator of the test city has the cadence of the page's camera."""
    if own.startswith("open"):
        case.session("device", "elevator-1", round(T - ago_s(own.rsplit(maxsplit=1)[-1]) * S))
    elif own.startswith("ended"):
        ended_ms = round(T - ago_s(own.rsplit(maxsplit=1)[-1]) * S)
        case.session("device", "elevator-1", T - 86_400 * S, ended_ms=ended_ms)
    found = case.elevator(ago_s(reported)).port(2).verdict("elevator-1")
    assert found[0] == verdict
    assert (verdict == "unknown") == (found[1] == "device_link_doubtful")


def test_a_report_outside_its_own_window_proves_nothing(case: Case) -> None:
    """Ten minutes old: far inside the window of a meter, outside that of the camera that sent it.

    A state that was built from windows knows of no such report, and figures must not depend on how
    long a process has run.
    """
    reported_ms = T - 10 * 86_400 * S
    meter = device_row("electricity_meter")(reported_ms, COMMUNITY_A, "emeter-1", AREA_A)
    load_devices(case.state, case.inventory, "electricity_meter", [meter], T)
    assert case.camera(2, 600).verdict("emeter-1")[0] == "unknown"
    assert case.camera(2, 100).verdict("emeter-1")[0] == "out"


# ---- 8. fresh share ----------------------------------------------------------------------------


def test_whose_reports_a_fresh_share_counts(inventory: Inventory) -> None:
    """One port of olt-z in the zone, which passes a building of community A too."""
    state = CityState.empty(inventory)
    row = PortRow(T - S, "olt-z", "1", "0", "xg-pon", ZONE, None, None)
    load_ports(state, inventory, [row], T)
    camera = camera_row(T - S, COMMUNITY_A, "camera-1", AREA_A, None, None)
    load_devices(state, inventory, "camera", [camera], T)
    found = Evaluator(inventory).evaluate(state, T).by_key

    def share(indicator: str, scope: str, code: str) -> float | None:
        return found[indicator, scope, code].quality.fresh_share

    assert share("pon.ports_10g", "area", ZONE) == 1 / 8
    assert share("pon.ports_10g", "area", AREA_A) == 0
    # Five ports pass buildings of A; of the zone only this one passes any.
    assert share("home.gigabit_access", "community", COMMUNITY_A) == 1 / 5
    assert share("home.gigabit_access", "area", AREA_A) == 1 / 5
    assert share("home.gigabit_access", "area", ZONE) == 1
    assert share("community.camera_online", "community", COMMUNITY_A) == 1 / 10
    assert share("community.smart_coverage", "area", AREA_A) == 2 / 15
    tv = found["community.tv_households", "community", COMMUNITY_B].quality
    assert (tv.fresh_share, tv.grade) == (None, "none")


@pytest.mark.parametrize("id_", REGISTRY)
def test_the_page_says_of_every_indicator_whose_reports_count(
    inventory: Inventory, id_: str
) -> None:
    """What its row says, or the list of indicators, is what its population rests on."""
    rows = [(re.findall(r"[a-z0-9_.]+[a-z0-9_*]", ids), said) for ids, said in table(8)]
    exact = [said for names, said in rows if id_ in names]
    mine = exact or [said for names, said in rows if any(fnmatch(id_, n) for n in names)]
    assert len(mine) <= 1, f"section 8 of docs/figures.md has {len(mine)} rows for {id_}"
    definition = REGISTRY[id_]
    rests_on = {kind for kind, _ in definition.population(inventory).reporters}
    kinds = set(definition.windows_ms(inventory.city))
    assert rests_on == {"ports" if kind == "pon" else "devices" for kind in kinds}
    words = {"ports": "ports ", "devices": "devices |cameras"}
    assert not mine or rests_on == {k for k, said in words.items() if re.search(said, mine[0])}


# ---- 9. gaps -----------------------------------------------------------------------------------


def test_the_page_names_every_slug_of_a_gap() -> None:
    figure = evaluate(city_of(4), report(0), report(1, oper="down")).by_key[
        "pon.port_share_10g", "city", "371600"
    ]
    slugs, standings = set(), set()
    for value, numerator, denominator in (
        (2.0, 8, 4), (0.0, 0, 4), (0.5, 2, 5), (0.6, 2, 4), (1.0, 9, 4),
    ):  # fmt: skip
        declared = DeclaredFigure(
            indicator="pon.port_share_10g", scope="city", code="371600", as_of_ms=T, value=value,
            numerator=numerator, denominator=denominator, reporter="x", source="y", entered_ms=T,
            revision=0,
        )  # fmt: skip
        for measured in (figure, figure._replace(value=None, lower=None)):
            gap = gap_of(declared, measured, is_ratio=True)
            slugs |= {part.slug for part in gap.parts}
            standings.add(gap.standing)
    assert {row[0] for row in table(9, 1)} == slugs
    assert {row[0] for row in table(9)} == standings


# ---- 10. late data -----------------------------------------------------------------------------


def test_the_page_says_which_instants_a_late_report_touches() -> None:
    ts = -2 * S
    counts = {instant // MINUTE for instant in instants(ts, ts, 3 * MINUTE, MINUTE)}
    assert counts == {0, 1, 2}
    for stored, live, revised in table(10):
        stored_s = -ago_s(stored)
        have = {minute for minute in counts if 60 * minute + 30 >= stored_s}
        is_announced = stored_s + 2 > 120
        assert {-ago_s(t) / 60 for t in live.split(", ") if t != "none"} == have
        again = {-ago_s(t) / 60 for t in revised.split(", ") if t != "none"}
        assert again == (counts - have if is_announced else set())


def test_a_report_that_is_late_by_less_than_120_s_is_in_the_next_instant_and_revises_nothing(
    evaluated: Running,
) -> None:
    tags = {"area": AREA_A, "olt": "olt-a", "slot": "1", "port": "0", "tech": "xgs-pon"}
    evaluated.store.put("pon_port", T - 500, tags, admin="up", oper="down")
    evaluated.clock.advance_s(60)
    assert evaluated.core.step()
    path = "/api/v1/indicators/pon.ports_10g/history"
    found = get(evaluated, path)["items"]
    assert [(p["as_of_ms"] - T, p["value"], p["revision"]) for p in found] == [
        (0, 18.0, 0),
        (MINUTE, 17.0, 0),
    ]
