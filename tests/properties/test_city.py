"""Properties of the city file: ranges mean what their members mean; damage never crashes a load."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gigacity_city.files import FILES
from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_city.registry import IdRange, parse_id_range
from gigacity_contract.errors import CityError, CityProblem
from tests.support.city import COMMUNITY_A, COMMUNITY_B, TABLES, write_city

_PREFIXES = ("cam-", "lamp.", "x_1-", "a")


@st.composite
def id_ranges(draw: st.DrawFn) -> str:
    prefix = draw(st.sampled_from(_PREFIXES))
    first = draw(st.integers(0, 30))
    if draw(st.booleans()):
        return f"{prefix}{first}"
    return f"{prefix}{{{first}..{first + draw(st.integers(0, 9))}}}"


_rows = st.lists(
    st.tuples(
        st.sampled_from((COMMUNITY_A, COMMUNITY_B)), id_ranges(), st.sampled_from(("", "gw-a"))
    ),
    max_size=8,
)


@settings(deadline=None)  # Each example writes a folder.
@given(rows=_rows)
def test_a_registry_of_ranges_equals_a_table_of_devices(rows: list[tuple[str, str, str]]) -> None:
    """Loaded: every device is found as in a plain dict. Refused: two rows do share a device."""
    plain: dict[tuple[str, str], str] = {}
    has_shared = has_foreign = False
    for community, ids, gateway in rows:
        has_foreign |= community == COMMUNITY_B and gateway == "gw-a"
        for device in parse_id_range(ids).ids():
            has_shared |= (community, device) in plain
            plain[community, device] = gateway
    table = TABLES["devices.csv"].partition("\n")[0] + "\n"
    table += "".join(f"{c},camera,{ids},{gateway}\n" for c, ids, gateway in rows)
    city = _load(devices=table)
    assert (city is None) == (has_shared or has_foreign)
    if city is None:
        return
    assert len(city.devices) == len(plain)
    for index, ((community, device), gateway) in enumerate(plain.items()):
        found = city.devices.find(community, device)
        assert found is not None
        assert (found[1], found[0].gateway) == (index, gateway)
    for prefix in _PREFIXES:
        for number in range(42):
            device = f"{prefix}{number}"
            is_there = (COMMUNITY_A, device) in plain
            assert (city.devices.find(COMMUNITY_A, device) is not None) == is_there


@given(text=st.text(alphabet="ab-.{}0123", max_size=14))
def test_a_range_is_refused_or_holds_exactly_its_length(text: str) -> None:
    try:
        parsed = parse_id_range(text)
    except ValueError:
        return
    ids = list(parsed.ids()) if len(parsed) < 1000 else []
    assert isinstance(parsed, IdRange)
    assert len(set(ids)) == len(parsed) or len(parsed) >= 1000


@settings(deadline=None)
@given(
    file=st.sampled_from(FILES),
    at=st.floats(0, 1),
    removed=st.integers(0, 40),
    inserted=st.binary(max_size=12) | st.sampled_from((b"\0", b'"', b"&a *a", b"\r", b",,")),
)
def test_damage_anywhere_gives_a_city_or_problems_with_their_place(
    file: str, at: float, removed: int, inserted: bytes
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write_city(Path(name))
        content = (folder / file).read_bytes()
        cut = int(at * len(content))
        (folder / file).write_bytes(content[:cut] + inserted + content[cut + removed :])
        problems = _problems(folder)
        assert problems is None or problems
        assert all(problem.file in FILES and problem.message for problem in problems or ())


def _problems(folder: Path) -> list[CityProblem] | None:
    """What is wrong with the folder; None if it loads whole."""
    try:
        city = load_city(folder)
    except CityError as error:
        return error.problems
    assert len(city.areas) == 3
    return None


def _load(**tables: str) -> City | None:
    with tempfile.TemporaryDirectory() as name:
        try:
            return load_city(write_city(Path(name), **tables))
        except CityError:
            return None
