"""Each stateful, LoRaWAN, industrial and home format through a mapping: names and paths meet."""

from pathlib import Path

import pytest

from gigacity_contract.measurements import STAMPED
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.foreign.intake import ForeignIntake
from tests.golden.formats_files import case_payload, expectation_of
from tests.support.city import AREA_A, COMMUNITY_A
from tests.support.format_walks import WALKS, Walk, golden_case
from tests.support.mappings import MappingScene, source_text
from tests.unit.ingest.messages import points

NOW_MS = 1_767_225_660_000


def _scene(folder: Path, walk: Walk) -> MappingScene:
    text = source_text(
        walk.fields,
        kind=walk.kind,
        identity=f'{{registry: "{walk.template}"}}',
        topics=walk.topics,
        decoder=golden_case(walk).parent.name,
        more=walk.more,
    )
    return MappingScene(
        folder,
        text,
        devices=f"community,kind,device,gateway\n{COMMUNITY_A},{walk.kind},dev-1,\n",
        foreign_ids=f"source,foreign_id,area,community,device,olt,slot,port\n"
        f"here,{walk.foreign_id},,{COMMUNITY_A},dev-1,,,\n",
    )


def _messages(case: Path) -> list[ReceivedMessage]:
    """The case's message, and before it those that it comes after."""
    expectation = expectation_of(case)
    before = (case.with_name(f"{name}.expect.json") for name in expectation.get("after", ()))
    own = ReceivedMessage(
        topic=expectation["topic"].encode(),
        payload=case_payload(case),
        is_copy=expectation.get("retained", False),
        now_ms=NOW_MS,
        is_retained=expectation.get("retained", False),
    )
    return [*(_messages(one)[-1] for one in before), own]


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.case)
def test_a_golden_message_becomes_the_line_of_its_object(tmp_path: Path, walk: Walk) -> None:
    """Through the worker's own way: decoder, mapping, registry, times, line protocol."""
    scene = _scene(tmp_path, walk)
    decoder = Decoder(scene.city)
    decoder.foreign = ForeignIntake(decoder, scene.city, scene.sources)
    outcomes = []
    for message in _messages(golden_case(walk)):
        out = Outcome()
        decoder.decode(message, out)
        outcomes.append(out)
    again = Outcome()
    decoder.decode(_messages(golden_case(walk))[-1], again)

    lines = [point for point in points(outcomes[-1]) if point.measurement != "presence"]
    last = lines[0]
    assert last.measurement == f"device_{walk.kind}"
    assert last.tags == {"area": AREA_A, "community": COMMUNITY_A, "device": "dev-1"}
    found = {name: value for name, (_, value) in last.fields.items() if name != STAMPED.name}
    assert found == walk.values
    stated = expectation_of(golden_case(walk))["readings"][0]["time_ms"]
    assert last.time == (NOW_MS if stated is None else stated)
    # What arrives twice writes the same rows, or nothing at all; without time and id it is new.
    timed = {line for line in again.raw if b"stamped=true" not in line}
    assert timed <= {*outcomes[-1].raw}
