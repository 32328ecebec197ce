"""Payload bytes to points, against lines written by hand; and that nothing lacks such a file."""

from pathlib import Path

import pytest

from gigacity_city.load import load_city
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.measurements import FOREVER, MEASUREMENTS, RAW
from gigacity_contract.topics import MessageKind, Publisher, parse_topic
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from tests.support.city import write_city
from tests.support.line_protocol import Point, parse_lines

FOLDER = Path(__file__).parent / "messages"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
NOW_MS = 1_767_225_660_000


def _topic(name: str) -> str:
    first = (FOLDER / f"{name}.lp").read_text(encoding="utf-8").splitlines()[0]
    return first.removeprefix("# ")


def _expected(name: str) -> list[Point]:
    return parse_lines((FOLDER / f"{name}.lp").read_bytes())


@pytest.fixture
def decoder(tmp_path: Path) -> Decoder:
    return Decoder(load_city(write_city(tmp_path / "city")))


def _decode(decoder: Decoder, name: str) -> Outcome:
    arrived = ReceivedMessage(
        topic=_topic(name).encode(),
        payload=(FOLDER / f"{name}.json").read_bytes(),
        is_copy=name.endswith("_copy"),
        now_ms=NOW_MS,
    )
    outcome = Outcome()
    decoder.decode(arrived, outcome)
    return outcome


@pytest.mark.parametrize("name", NAMES)
def test_a_payload_becomes_its_lines(decoder: Decoder, name: str) -> None:
    outcome = _decode(decoder, name)

    assert [parse_lines(line)[0] for line in outcome.raw + outcome.forever] == _expected(name)
    assert outcome.dead_letters == []


@pytest.mark.parametrize("name", NAMES)
def test_delivered_twice_it_becomes_the_same_lines(decoder: Decoder, name: str) -> None:
    """At least once is exactly once in effect only because of this."""
    first, second = (_decode(decoder, name) for _ in range(2))

    assert (first.raw, first.forever) == (second.raw, second.forever)


@pytest.mark.parametrize("name", NAMES)
def test_lines_keep_to_the_table(decoder: Decoder, name: str) -> None:
    """Names, tags in their order, types and policy: nothing else ever reaches the database."""
    outcome = _decode(decoder, name)
    for policy, lines in ((RAW, outcome.raw), (FOREVER, outcome.forever)):
        for point in (parse_lines(line)[0] for line in lines):
            row = MEASUREMENTS[point.measurement]
            types = {field.name: field.type for field in row.fields}
            assert row.policy is policy
            assert [tag for tag in row.tags if tag in point.tags] == list(point.tags)
            assert {name: kind for name, (kind, _) in point.fields.items()} == {
                name: types[name].value for name in point.fields
            }


def test_every_kind_has_a_golden_message_that_holds_every_field() -> None:
    for kind in CATALOGUE:
        (point,) = _expected(kind)
        assert point.measurement == f"device_{kind}"
        assert list(point.fields) == [f.name for f in MEASUREMENTS[f"device_{kind}"].fields]


def test_every_field_of_a_port_is_in_a_golden_message() -> None:
    assert list(_expected("pon")[0].fields) == [f.name for f in MEASUREMENTS["pon_port"].fields]


def test_every_kind_of_message_and_publisher_is_covered() -> None:
    parsed = [parse_topic(_topic(name)) for name in NAMES]

    assert {p.message for p in parsed} == set(MessageKind)
    assert {p.publisher for p in parsed if p.message is MessageKind.STATUS} == set(Publisher)
    presence = {field for n in NAMES if n.startswith("status") for field in _expected(n)[0].fields}
    assert presence == {field.name for field in MEASUREMENTS["presence"].fields}
