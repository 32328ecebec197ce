"""A mapping proposed from messages that were seen loads, and stores what they say."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gigacity_contract.kinds import SmokeDetector
from gigacity_ingest.formats.catalogue import FORMATS
from gigacity_ingest.formats.times import TimeRule
from gigacity_ingest.mapping.loading import load_sources
from gigacity_ingest.mapping.proposals import MappingSuggestion
from gigacity_ingest.mapping.traffic_proposal import propose_from_traffic
from tests.support.city import COMMUNITY_A
from tests.support.mappings import MappingScene

NOW_MS = 1_767_225_660_000


def _propose(*messages: tuple[str, Any], decoder: str = "json") -> MappingSuggestion:
    bodies = [(t, b if isinstance(b, bytes) else msgspec.json.encode(b)) for t, b in messages]
    made = FORMATS[decoder].make({}, TimeRule())
    return propose_from_traffic(bodies, made, decoder, "371602", NOW_MS)


def _smoke(battery: object, temperature: int, state: str) -> dict[str, object]:
    return {"BatteryLevel": battery, "in": {"temperature": temperature}, "smoke": state, "fw": "x"}


SMOKE = (
    ("dtu/s4/m-1/up", _smoke(97, 215, "normal")),
    ("dtu/s4/m-2/up", _smoke("93", 228, "alarm")),
    ("dtu/s4/m-2/up", b"{"),
)


def test_names_ranges_and_states_make_fields(tmp_path: Path) -> None:
    made = _propose(*SMOKE)
    header = "source,foreign_id,area,community,device,olt,slot,port\n"
    ids = header + "".join(
        f"{source},{device},,{COMMUNITY_A},smoke-{n},,,\n"
        for n, (source, device) in enumerate(made.foreign_ids, start=1)
    )
    scene = MappingScene(tmp_path, made.text, foreign_ids=ids)
    (found,) = scene.take(SMOKE[1][1], SMOKE[1][0])

    assert found.values == SmokeDetector(alarm=True, temp_c=22.8, battery_pct=93)
    assert made.foreign_ids == (("observed", "m-1"), ("observed", "m-2"))
    assert 'topics: ["dtu/s4/{device}/up"]' in made.text
    assert "scale: 0.1}  # 2 value(s), 215 to 228" in made.text


def test_what_is_left_is_told() -> None:
    made = _propose(*SMOKE)

    assert any(note.startswith("dtu/s4/m-2/up: ") for note in made.notes)
    assert 'fw: 2 value(s): "x"; no field was found for it' in made.notes


def test_the_names_of_a_format_find_its_objects(tmp_path: Path) -> None:
    body = {"params": {"energy": 412.5, "voltage": 231, "power": 1.2}}
    topic = "/sys/k1/{}/thing/event/property/post"
    made = _propose(*((topic.format(d), body) for d in ("e-1", "e-2")), decoder="alink")
    (tmp_path / "p.yaml").write_text(made.text, encoding="utf-8")

    assert len(load_sources(tmp_path / "p.yaml")) == 1
    assert 'registry: "{deviceName}"' in made.text
    assert "kind: electricity_meter" in made.text
    assert 'topics: ["/sys/k1/+/thing/event/property/post"]' in made.text


@pytest.mark.parametrize(
    "body",
    [
        {"foo": 1},
        {"battery": 50, "rssi": -70},
        {"smoke": "maybe"},
        {"energy": -5e9},
        {"energy": "much", "power": None},
        {"energy": [1]},
        [],
    ],
)
def test_what_fits_no_field_proposes_nothing(body: object) -> None:
    made = _propose(("a/b/c", body))
    assert (made.foreign_ids, "sources: []" in made.text) == ((), True)


def test_no_name_and_no_text_breaks_out_of_its_place(tmp_path: Path) -> None:
    made = _propose(('a/b"\n- x/up', {"smoke": "on", 'k"\nsources: []': 'v"\n- y', "x\u2028y": 1}))
    (tmp_path / "p.yaml").write_text(made.text, encoding="utf-8")

    assert len(load_sources(tmp_path / "p.yaml")) == 1
