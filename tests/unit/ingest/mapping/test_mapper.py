"""Whose a reading is, of which kind, and at which time."""

from pathlib import Path
from typing import Any, cast

import pytest

from gigacity_contract.kinds import ElectricityMeter, SmokeDetector
from gigacity_contract.payloads import Port
from gigacity_contract.topics import Publisher
from gigacity_ingest.mapping.mapper import CompiledMapper
from gigacity_ingest.mapping.reports import Mapped, MappingFault, ReportTarget, TimeOrigin
from gigacity_ingest.mapping.route_memory import MAX_KEYS_OF_DEVICE, RouteMemory
from tests.support.city import AREA_A, COMMUNITY_A, ZONE
from tests.support.mappings import NOW_MS, MappingScene, source_text

IDS = f"""\
source,foreign_id,area,community,device,olt,slot,port
here,k1/d1,,{COMMUNITY_A},smoke-7,,,
here,olt-nine,,,,olt-a,,
here,olt-nine/p3,,,,olt-a,1,3
"""
TOPIC = "up/k1/d1"
REGISTRY = '{registry: "{pk}/{dn}"}'
PORTS = (
    "{admin: {from: a, map: {1: up, 2: down}}, oper: {from: o, map: {1: up, 2: down}}, temp_c: t}"
)


def by_registry(tmp_path: Path, fields: str = "{temp_c: t}", **how: Any) -> MappingScene:
    text = source_text(fields, topics='["up/{pk}/{dn}"]', **({"identity": REGISTRY} | how))
    return MappingScene(tmp_path, text, foreign_ids=IDS)


def reasons(found: list[Mapped]) -> list[str]:
    return [fault.reason.value for mapped in found for fault in mapped.faults]


def test_a_foreign_id_is_looked_up_in_the_city_file(tmp_path: Path) -> None:
    (found,) = by_registry(tmp_path).take({"t": 1}, TOPIC)
    assert found.target == ReportTarget(Publisher.DEVICE, AREA_A, COMMUNITY_A, "smoke-7")
    assert found.values == SmokeDetector(temp_c=1.0)


def test_an_unknown_foreign_id_is_refused_with_what_to_do(tmp_path: Path) -> None:
    scene = by_registry(tmp_path)
    for _ in range(2):
        found = scene.take({"t": 1}, "up/k1/d9")
        assert reasons(found) == ["unknown_identity"]
        assert found[0].target is None
    assert found[0].faults[0].error == (
        "here: 'k1/d9' of source here is not in foreign_ids.csv; add its row"
    )


def test_an_unknown_foreign_id_may_be_ignored(tmp_path: Path) -> None:
    scene = by_registry(tmp_path, identity='{registry: "{pk}/{dn}", unknown: ignore}')
    assert scene.take({"t": 1}, "up/k1/d9") == []
    assert scene.sources["here"].mapper.counts.unknown_ignored == 1


def test_another_city_version_is_followed(tmp_path: Path) -> None:
    scene = by_registry(tmp_path)
    assert reasons(scene.take({"t": 1}, "up/k1/d9")) == ["unknown_identity"]
    other = MappingScene(
        tmp_path / "other",
        source_text("{temp_c: t}"),
        foreign_ids=IDS + f"here,k1/d9,,{COMMUNITY_A},smoke-9,,,\n",
    )
    scene.sources.follow(other.city)
    assert scene.take({"t": 1}, "up/k1/d9")[0].target == ReportTarget(
        Publisher.DEVICE, AREA_A, COMMUNITY_A, "smoke-9"
    )


@pytest.mark.parametrize(
    ("topic", "part"),
    [
        ("site/37160200100/d/up", "no 12-digit code"),
        ("site/999999001001/d/up", "area: '999999' is not in the city file"),
        ("site/371602001001/a b/up", "is no id"),
        (f"site/371602001001/{'a' * 257}/up", "the message has no device"),
        ("site/371602001001//up", "'' is no id"),
    ],
)
def test_codes_that_are_none_are_refused(tmp_path: Path, topic: str, part: str) -> None:
    found = MappingScene(tmp_path, source_text("{temp_c: t}")).take({"t": 1}, topic)
    assert reasons(found) == ["unknown_identity"]
    assert part in found[0].faults[0].error


def test_the_area_is_that_of_the_community(tmp_path: Path) -> None:
    scene = MappingScene(tmp_path, source_text("{temp_c: t}"))
    (found,) = scene.take({"t": 1}, "site/371602010001/camera-1/up")
    assert found.target is not None
    assert found.target.area == ZONE


def test_identity_may_stand_in_the_payload_or_around_it(tmp_path: Path) -> None:
    text = source_text(
        "{temp_c: t}",
        topics='["up"]',
        more="dialect: {each: rows}",
        identity='{community: "{../where.code}", device: "smoke-{nr}"}',
    )
    scene = MappingScene(tmp_path, text)
    found = scene.take(
        {"where": {"code": 371602001001}, "rows": [{"nr": 1, "t": 1}, {"nr": "2", "t": 2}]}, "up"
    )
    assert [mapped.target and mapped.target.id for mapped in found] == ["smoke-1", "smoke-2"]
    assert scene.unmapped() == {}


def test_the_kind_follows_from_conditions(tmp_path: Path) -> None:
    kinds = """\
      - {when: {model: "S*"}, kind: smoke_detector, fields: {temp_c: t}}
      - {when: {model: [E1, E2], on: true}, kind: electricity_meter, fields: {power_kw: t}}
"""
    text = source_text("{}").partition("      - kind")[0] + kinds
    scene = MappingScene(tmp_path, text)

    assert isinstance(scene.take({"model": "S7", "t": 1})[0].values, SmokeDetector)
    assert isinstance(scene.take({"model": "E2", "on": True, "t": 1})[0].values, ElectricityMeter)
    for other in ({"model": "E2", "on": False}, {"model": "X"}, {}):
        found = scene.take({**other, "t": 1})
        assert reasons(found) == ["unknown_kind"]
    assert "no entry of kinds holds for model=None" in found[0].faults[0].error


def test_the_registered_kind_decides_where_conditions_leave_it_open(tmp_path: Path) -> None:
    kinds = """\
      - {kind: electricity_meter, fields: {power_kw: t}}
      - {kind: smoke_detector, fields: {temp_c: t}}
"""
    scene = MappingScene(tmp_path, source_text("{}").partition("      - kind")[0] + kinds)
    assert isinstance(scene.take({"t": 1})[0].values, SmokeDetector)
    assert isinstance(
        scene.take({"t": 1}, "site/371602001001/nobody/up")[0].values, ElectricityMeter
    )


def test_a_stated_time_is_the_reports(tmp_path: Path) -> None:
    text = source_text("{temp_c: t}", more="dialect: {time: at}\n    time: {zone: Asia/Shanghai}")
    scene = MappingScene(tmp_path, text)
    (found,) = scene.take({"t": 1, "at": "20251130200000881"})

    assert (found.time_ms, found.time_origin) == (NOW_MS + 881, TimeOrigin.STATED)
    assert scene.unmapped() == {}


def test_a_message_without_a_time_is_stamped(tmp_path: Path) -> None:
    (found,) = MappingScene(tmp_path, source_text("{temp_c: t}")).take({"t": 1})
    assert (found.time_ms, found.time_origin) == (NOW_MS, TimeOrigin.ARRIVAL)


def test_a_missing_time_may_be_refused(tmp_path: Path) -> None:
    scene = MappingScene(tmp_path, source_text("{temp_c: t}", more="time: {missing: refuse}"))
    assert reasons(scene.take({"t": 1})) == ["implausible_timestamp"]


def test_a_retained_reading_without_a_time_is_ignored_unless_it_is_a_state(tmp_path: Path) -> None:
    scene = MappingScene(tmp_path / "a", source_text("{temp_c: t}"))
    assert scene.take({"t": 1}, is_retained=True) == []
    assert scene.sources["here"].mapper.counts.retained_ignored == 1

    text = source_text("{temp_c: t}", more="time: {retained: state}")
    (found,) = MappingScene(tmp_path / "b", text).take({"t": 1}, is_retained=True)
    assert found.time_origin is TimeOrigin.ARRIVAL


def test_ports_of_one_olt_and_time_are_one_report(tmp_path: Path) -> None:
    text = source_text(
        PORTS,
        kind="pon_port",
        decoder="telegraf_json",
        topics='["t/pon"]',
        identity='{olt: "{tags.source|tags.agent_host}",'
        ' port: {index: "{tags.ifIndex}", formula: huawei}}',
    )
    scene = MappingScene(tmp_path, text)

    def row(index: int, at: int = 1_764_504_000, **fields: Any) -> dict[str, Any]:
        tags = {"agent_host": "olt-a", "ifIndex": str(index)}
        return {"name": "pon", "tags": tags, "fields": {"a": 1, "o": 1, **fields}, "timestamp": at}

    base = 0xFA000000
    found = scene.take(
        {
            "metrics": [
                row(base + 0x2000, t=40),
                row(base + 0x2000 + 0x300, o=2),
                row(base + 0x2000, at=1_764_504_060),
                row(base + 0x2000, t=41),
                row(base + 1),
                row(base + 0x2000 + 0x100, o=7),
            ]
        },
        "t/pon",
    )

    assert found[0].target == ReportTarget(Publisher.OLT, AREA_A, "", "olt-a")
    assert found[0].ports == [
        Port(slot=1, port=0, tech="xgs-pon", admin="up", oper="up", temp_c=40.0),
        Port(slot=1, port=3, tech="xgs-pon", admin="up", oper="down"),
    ]
    assert [len(mapped.ports) for mapped in found] == [2, 1, 0]
    assert reasons(found) == [
        "duplicate_entry", "bad_field", "bad_entry", "unknown_identity"
    ]  # fmt: skip


def test_a_port_may_be_registered_by_its_foreign_id(tmp_path: Path) -> None:
    scene = by_registry(tmp_path, PORTS, kind="pon_port", identity='{registry: "{oid}"}')
    (found,) = scene.take({"oid": "olt-nine/p3", "a": 1, "o": 2}, TOPIC)
    assert [(port.slot, port.port, port.oper) for port in found.ports] == [(1, 3, "down")]

    assert reasons(scene.take({"oid": "olt-nine", "a": 1, "o": 2}, TOPIC)) == ["unknown_identity"]


def test_a_technology_that_is_not_usual_is_kept(tmp_path: Path) -> None:
    fields = PORTS[:-1] + ", tech: tech}"
    scene = by_registry(tmp_path, fields, kind="pon_port", identity='{registry: "{oid}"}')
    base = {"oid": "olt-nine/p3", "a": 1, "o": 2}
    (found,) = scene.take({**base, "tech": "GPON+XG-PON"}, TOPIC)
    assert found.ports[0].tech == "gpon+xg-pon"
    (found,) = scene.take({**base, "tech": "epon+gpon"}, TOPIC)
    assert found.ports[0].tech == ["epon", "gpon"]
    (found,) = scene.take({**base, "tech": "dsl"}, TOPIC)
    assert (found.ports[0].tech, reasons([found])) == ("xgs-pon", ["bad_field"])


def test_a_session_belongs_to_whom_its_names_say(tmp_path: Path) -> None:
    mapper = by_registry(tmp_path).sources["here"].mapper
    assert mapper.whose({}, TOPIC) == ReportTarget(Publisher.DEVICE, AREA_A, COMMUNITY_A, "smoke-7")
    assert isinstance(mapper.whose({}, "up/k1/d9"), MappingFault)


def test_a_session_of_nobody_may_be_ignored(tmp_path: Path) -> None:
    """The birth of an edge node would be a dead letter where only its devices are mapped."""
    scene = by_registry(tmp_path, identity='{registry: "{pk}/{dn}", unknown: ignore}')
    mapper = scene.sources["here"].mapper
    assert mapper.whose({}, "up/k1/d9") is None
    assert mapper.counts.unknown_ignored == 1


def test_without_a_city_nobody_is_known(tmp_path: Path) -> None:
    scene = by_registry(tmp_path)
    from gigacity_ingest.mapping.loading import load_sources  # noqa: PLC0415 - a fresh set

    scene.sources = load_sources(tmp_path / "sources.yaml")
    assert reasons(scene.take({"t": 1}, TOPIC)) == ["unknown_identity"]


def olt_scene(tmp_path: Path, identity: str) -> MappingScene:
    text = source_text(PORTS, kind="pon_port", topics='["t"]', identity=identity)
    return MappingScene(tmp_path, text)


@pytest.mark.parametrize(
    ("identity", "names", "place"),
    [
        ('{olt: "{o}", port: {slot: "{s}", port: "{p}"}}', {"s": 1, "p": "2"}, (1, 2)),
        ('{olt: "{o}", port: {label: "{l}"}}', {"l": "GPON 0/1/3"}, (1, 3)),
        (
            '{olt: "{o}", port: {slot: "{s}", port: "{p}", label: "{l}"}}',
            {"s": 1, "l": "x 1/5"},
            (1, 5),
        ),
        (
            '{olt: "{o}", port: {label: "{l}", index: "{i}", formula: zte}}',
            {"l": "uplink", "i": 0x11010000 + 256 + 4},
            (1, 4),
        ),
    ],
)
def test_slot_and_port_stand_where_the_mapping_says(
    tmp_path: Path, identity: str, names: dict[str, Any], place: tuple[int, int]
) -> None:
    (found,) = olt_scene(tmp_path, identity).take({"o": "olt-a", "a": 1, "o2": 1, **names}, "t")
    # Oper is read from "o", which here is the OLT: no state, so the port is told and refused.
    assert f"olt-a/{place[0]}/{place[1]}: has no oper" in found.faults[-1].error


@pytest.mark.parametrize(
    ("identity", "names", "part"),
    [
        ('{olt: "{x}", port: {label: "{l}"}}', {"x": "olt 1"}, "is no id; say in foreign_ids.csv"),
        ('{olt: "{x}", port: {label: "{l}"}}', {"x": "olt-new"}, "its area is unknown"),
        ('{olt: "{x}", port: {label: "{l}"}}', {"l": "1/1"}, "the message has no x"),
        ('{olt: "{x}", port: {label: "{l}"}}', {"x": "olt-a"}, "does not say which"),
        ('{olt: "{x}", port: {label: "{l}"}}', {"x": "olt-a", "l": "eth"}, "'eth' is no PON port"),
        ('{olt: "{x}", port: {label: "{l}"}}', {"x": "olt-a", "l": "1/999"}, "not in 0..255"),
        (
            '{olt: "{x}", port: {slot: "{s}", port: "{p}"}}',
            {"x": "olt-a", "s": "a", "p": 1},
            "slot: 'a' is no number",
        ),
        (
            '{olt: "{x}", area: "{z}", port: {label: "{l}"}}',
            {"x": "olt-new", "z": "999999"},
            "area: '999999' is not in the city file",
        ),
    ],
)
def test_a_port_that_cannot_be_told_is_refused(
    tmp_path: Path, identity: str, names: dict[str, Any], part: str
) -> None:
    found = olt_scene(tmp_path, identity).take({"a": 1, "o": 1, **names}, "t")
    assert reasons(found) == ["unknown_identity"]
    assert part in found[0].faults[0].error


def test_an_area_may_be_given_for_what_is_not_registered(tmp_path: Path) -> None:
    scene = olt_scene(tmp_path / "a", '{olt: "{x}", area: "372301", port: {label: "{l}"}}')
    (found,) = scene.take({"x": "olt-new", "l": "1/1", "a": 1, "o": 1}, "t")
    assert found.target == ReportTarget(Publisher.OLT, AREA_A, "", "olt-new"), "a retired code"
    assert "the port is not registered either" in found.faults[0].error

    text = source_text(
        "{temp_c: t}", topics='["t"]', identity='{area: "{z}", community: "{c}", device: d-1}'
    )
    scene = MappingScene(tmp_path / "b", text)
    (found,) = scene.take({"t": 1, "z": ZONE, "c": "371602099001"}, "t")
    assert found.target == ReportTarget(Publisher.DEVICE, ZONE, "371602099001", "d-1")


def test_an_identity_is_a_text_or_a_whole_number(tmp_path: Path) -> None:
    text = source_text(
        "{temp_c: t}", topics='["t"]', identity='{community: "371602001001", device: "{d}"}'
    )
    scene = MappingScene(tmp_path, text)
    for raw, expected in ((7, "7"), (7.0, "7"), ("x", "x"), (True, "true")):
        (found,) = scene.take({"d": raw, "t": 1}, "t")
        assert found.target is not None
        assert found.target.id == expected
    others: list[Any] = [7.5, None, {}, [], 10**30]
    for other in others:
        assert reasons(scene.take({"d": other, "t": 1}, "t")) == ["unknown_identity"]


MODELS = """\
      - {when: {model: "S*"}, kind: smoke_detector, fields: {temp_c: t}}
      - {kind: electricity_meter, fields: {power_kw: t}}
"""


def by_model(tmp_path: Path) -> tuple[MappingScene, RouteMemory]:
    text = source_text("{}", topics='["up/{pk}/{dn}"]', identity=REGISTRY)
    more = IDS + f"here,k1/d2,,{COMMUNITY_A},hands-on,,,\n"
    text = text.partition("      - kind")[0] + MODELS
    scene = MappingScene(tmp_path, text, foreign_ids=more)
    mapper = cast("CompiledMapper", scene.sources["here"].mapper)
    return scene, mapper._memory


def test_what_is_longer_than_any_name_is_not_remembered(tmp_path: Path) -> None:
    scene, memory = by_model(tmp_path)
    topic = f"up/k1/d1?{'x' * 1_000}"
    for _ in range(2):
        (found,) = scene.take({"model": "S" * 100_000, "t": 1}, topic)
        assert found.target is not None
    assert memory.routes == {}
    mapper = cast("CompiledMapper", scene.sources["here"].mapper)
    assert dict(mapper._topics) == {}


def test_a_device_that_invents_values_costs_no_other_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigacity_ingest.mapping.route_memory.MAX_IDENTITIES", 40)
    monkeypatch.setattr("gigacity_ingest.mapping.route_memory.MAX_DOUBTFUL", 10)
    scene, memory = by_model(tmp_path)
    scene.take({"model": "S1", "t": 1}, "up/k1/d2")
    (other,) = memory.routes
    for number in range(100):
        (found,) = scene.take({"model": f"S{number}", "t": 1}, TOPIC)
        assert isinstance(found.values, SmokeDetector)
    assert other in memory.routes
    assert len(memory.routes) == 1 + MAX_KEYS_OF_DEVICE


def test_names_of_nobody_who_is_registered_are_remembered_apart(tmp_path: Path) -> None:
    scene = MappingScene(tmp_path, source_text("{temp_c: t}"))
    memory = cast("CompiledMapper", scene.sources["here"].mapper)._memory
    for number in range(3):
        assert scene.take({"t": 1}, f"site/371602001001/invented-{number}/up")[0].target
    assert memory.routes == {}


@pytest.mark.parametrize(
    ("path", "said", "number"),
    [
        ("n", {"n": 7}, 7),
        ("head.n", {"head": {"n": "12"}}, 12),
        ("n", {"n": True}, None),
        ("n", {"n": -1}, None),
        ("n", {"n": 1.5}, None),
        ("n", {"n": "9" * 30}, None),
        ("n", {}, None),
        ("../n", {"n": 7}, None),
        ("@dn", {}, None),
        ("@number", {}, 41),
    ],
)
def test_a_device_may_count_its_messages(
    tmp_path: Path, path: str, said: dict[str, Any], number: int | None
) -> None:
    """What is no whole number is no number; it is used, and no property that nobody maps."""
    text = source_text(
        "{temp_c: t}", topics='["up/{pk}/{dn}/{number}"]', identity=REGISTRY,
        more=f'sequence: "{path}"',
    )  # fmt: skip
    scene = MappingScene(tmp_path, text, foreign_ids=IDS)
    (found,) = scene.take({"t": 1, **said}, f"{TOPIC}/41")
    assert found.sequence == number
    assert set(scene.unmapped()) <= ({"n"} if path.startswith(("../", "@")) else set())
