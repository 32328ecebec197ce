"""A mapping proposed from Home Assistant discovery loads, and reads what was described."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gigacity_ingest.formats.home_assistant import read_discovery
from gigacity_ingest.mapping.discovery_proposal import suggest_from_discovery
from gigacity_ingest.mapping.loading import load_sources
from gigacity_ingest.mapping.proposals import MappingSuggestion

SMOKE = {
    "~": "site/smk-1",
    "dev": {"ids": ["smk-1", "other"], "name": "Hall 1", "mdl": "S1"},
    "o": {"name": "bridgeX"},
    "stat_t": "~/state",
    "cmps": {
        "alarm": {
            "p": "binary_sensor",
            "dev_cla": "smoke",
            "val_tpl": "{{ value_json.smoke }}",
            "pl_on": True,
            "pl_off": False,
        },
        "battery": {
            "p": "sensor",
            "dev_cla": "battery",
            "unit_of_meas": "%",
            "val_tpl": "{{value_json['power']['battery']}}",
        },
        "temp": {
            "p": "sensor",
            "dev_cla": "temperature",
            "unit_of_meas": "°F",
            "val_tpl": '{{ value_json["t"] }}',
        },
        "clever": {"p": "sensor", "val_tpl": "{{ value_json.a | float * 2 }}"},
        "press": {"p": "button", "cmd_t": "x"},
    },
}
METER = {
    "name": "Energy",
    "device_class": "energy",
    "unit_of_measurement": "Wh",
    "state_topic": "meters/m-7/energy",
    "device": {"identifiers": "m-7"},
}


def _suggest(*documents: tuple[str, Any]) -> MappingSuggestion:
    return suggest_from_discovery(
        [
            (topic, body if isinstance(body, bytes) else msgspec.json.encode(body))
            for topic, body in documents
        ],
        "371602",
    )


def test_the_proposal_loads_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    made = _suggest(
        ("homeassistant/device/smk-1/config", SMOKE),
        ("homeassistant/sensor/node/m-7/config", METER),
        ("homeassistant/sensor/gone/config", b""),
        ("homeassistant/sensor/broken/config", b"{"),
    )
    path = tmp_path / "proposed.yaml"
    path.write_text(made.text, encoding="utf-8")

    assert [source.format for source in load_sources(path)] == ["json", "json"]
    assert 'topics: ["site/{device}/state"]' in made.text
    assert 'alarm: {from: "smoke", map: {true: true, false: false}}' in made.text
    assert 'battery_pct: {from: "power.battery", unit: "%"}' in made.text
    assert 'temp_c: {from: "t", unit: "°F"}' in made.text
    assert 'energy_total_kwh: {from: "value", unit: "Wh"}' in made.text
    assert made.foreign_ids == (("discovered-1", "smk-1"), ("discovered-2", "m-7"))
    assert [note.partition("config: ")[2][:40] for note in made.notes] == [
        "clever: template '{{ value_json.a | floa",
        "press: button is no binary_sensor, senso",
        "removed",
        "Input data was truncated",
    ]


def test_devices_of_zigbee2mqtt_share_a_source_with_a_kind_each(tmp_path: Path) -> None:
    documents = []
    for name, device_class in (("hall/smoke", "smoke"), ("door", "door")):
        documents.append(
            (
                f"homeassistant/binary_sensor/0x{name[:1]}/{device_class}/config",
                {
                    "stat_t": f"zigbee2mqtt/{name}",
                    "dev_cla": device_class,
                    "val_tpl": "{{ value_json.state }}",
                    "dev": {"ids": [f"zigbee2mqtt_{name}"], "name": name},
                    "o": {"name": "Zigbee2MQTT"},
                },
            )
        )
    made = _suggest(*documents)
    path = tmp_path / "proposed.yaml"
    path.write_text(made.text, encoding="utf-8")

    (source,) = load_sources(path)
    assert source.subscriptions == ("zigbee2mqtt/#",)
    assert made.text.count("- kind:") == 2
    assert [device for _, device in made.foreign_ids] == ["hall/smoke", "door"]


def test_bare_states_of_esphome_are_read_by_its_decoder(tmp_path: Path) -> None:
    made = _suggest(
        (
            "homeassistant/sensor/esp-1/flow/config",
            {
                "stat_t": "yard/esp-1/sensor/flow/state",
                "dev_cla": "volume_flow_rate",
                "unit_of_meas": "L/min",
                "dev": {"ids": "ab12", "name": "esp-1"},
            },
        )
    )
    path = tmp_path / "proposed.yaml"
    path.write_text(made.text, encoding="utf-8")

    (source,) = load_sources(path)
    assert (source.format, source.subscriptions) == ("esphome", ("yard/esp-1/+/+/state",))
    assert 'flow_m3_per_h: {from: "flow", unit: "L/min"}' in made.text
    assert made.foreign_ids == (("discovered-1", "yard/esp-1"),)


def test_what_fits_nothing_is_told_and_proposes_nothing() -> None:
    made = _suggest(
        ("homeassistant/sensor/x/config", {"stat_t": "x/x", "dev_cla": "duration"}),
        ("homeassistant/sensor/y/config", {**METER, "unit_of_measurement": "gal"}),
        ("elsewhere/x", {}),
    )

    assert "sources: []" in made.text
    assert any("no kind fits" in note for note in made.notes)
    assert any("unit gal cannot become kWh" in note for note in made.notes)


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("{{ value }}", ()),
        ("{{value_json.a}}", ("a",)),
        ("{{ value_json.a.b_c }}", ("a", "b_c")),
        ("{{ value_json['a b'][0].c }}", ("a b", "0", "c")),
        ("{{ value_json }}", None),
        ("{{ value_json.a }}{{ value_json.b }}", None),
        ("{% if value_json.a %}1{% endif %}", None),
        ("{{ states('sensor.x') }}", None),
        ("{{ value_json.a " + "." * 600 + "}}", None),
        (7, None),
    ],
)
def test_only_templates_that_name_a_member_are_understood(
    template: object, path: tuple[str, ...] | None
) -> None:
    document = {"stat_t": "t", "val_tpl": template}
    found = read_discovery("ha/sensor/x/config", msgspec.json.encode(document))

    assert [entity.path for entity in found.entities] == ([] if path is None else [path])
    assert bool(found.notes) == (path is None)


def test_a_base_may_stand_at_either_end() -> None:
    for topic, expected in (("~/state", "b/x/state"), ("state/~", "state/b/x")):
        body = msgspec.json.encode({"~": "b/x", "stat_t": topic})
        assert read_discovery("ha/sensor/x/config", body).entities[0].topic == expected


@pytest.mark.parametrize("name", ["a\nsources: []", "b\u2028# x", 'c" }', "d: [", "é {x}"])
def test_no_name_breaks_out_of_its_place(name: str, tmp_path: Path) -> None:
    body = {**METER, "device": {"ids": name, "name": name}, "state_topic": "meters/m/energy"}
    made = _suggest(("homeassistant/sensor/m/config", {**body, "val_tpl": "{{ value_json.e }}"}))
    path = tmp_path / "proposed.yaml"
    path.write_text(made.text, encoding="utf-8")

    assert len(load_sources(path)) == 1
    assert made.text.count("\nsources:") == 1
