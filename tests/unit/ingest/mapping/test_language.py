"""Every fault of a mapping file is told with file, line, column and what to do."""

from pathlib import Path

import pytest

from gigacity_ingest.mapping.loading import load_sources
from gigacity_ingest.mapping.problems import MappingError, MappingProblem

GOOD = """\
version: 1
sources:
  - name: alink-a
    topics: ["/sys/{pk}/{dn}/post"]
    decoder: json
    owner: {areas: ["371602"]}
    dialect: {time: at}
    publishers: {levels: [pk, dn]}
    time: {unit: ms, zone: Asia/Shanghai, missing: arrival, retained: ignore}
    identity:
      registry: "{pk}/{dn}"
      unknown: dead_letter
    kinds:
      - when: {pk: k1ab}
        kind: smoke_detector
        fields:
          alarm: {from: Smoke, map: {0: false, 1: true}}
          battery_pct: {from: [Battery, Level], sentinel: [255], unit: "%"}
        ignore: [iccid]
  - name: olts
    topics: ["telegraf/+/pon"]
    decoder: telegraf_json
    owner: {worker: worker-0}
    identity:
      olt: "{tags.source|tags.agent_host}"
      port: {index: "{tags.ifIndex}", formula: huawei}
    kinds:
      - kind: pon_port
        fields:
          admin: {from: a, map: {1: up, 2: down}}
          oper: {from: o, map: {1: up, 2: down}}
tests:
  - source: alink-a
    topic: /sys/k1ab/d1/post
    payload: {Smoke: 1, at: 1764500400123}
    registry: {k1ab/d1: 371602001001/smoke-1}
    expect:
      stored: [{device: 371602001001/smoke-1, values: {alarm: true}}]
"""


def problems_of(folder: Path, text: str) -> list[MappingProblem]:
    path = folder / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        load_sources(path)
    return caught.value.problems


def test_the_file_that_all_faults_are_made_from_is_good(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD, encoding="utf-8")
    assert [source.name for source in load_sources(tmp_path / "a.yaml")] == ["alink-a", "olts"]


# old text, new text, (line, column) of the problem, part of its message
FAULTS: dict[str, tuple[str, str, tuple[int, int], str]] = {
    "version": ("version: 1", "version: 2", (1, 10), "write 1"),
    "version true": ("version: 1", "version: true", (1, 10), "write 1"),
    "version missing": ("version: 1\n", "", (1, 1), "'version' is missing"),
    "unknown key": ("    decoder: json", "    decodr: x\n    decoder: json", (5, 5),
                    "did you mean 'decoder'?"),
    "key of elsewhere": ("    decoder: json", "    each: x\n    decoder: json", (5, 5),
                         "dialect.each"),
    "key twice": ("    decoder: json", "    decoder: json\n    decoder: json", (6, 5), "twice"),
    "source twice": ("name: olts", "name: alink-a", (20, 11), "already"),
    "source without a name": ("  - name: olts\n    topics", "  - topics", (20, 5),
                              "'name' is missing"),
    "name no name": ("name: olts", "name: o/l", (20, 11), "is no name"),
    "decoder unknown": ("decoder: json", "decoder: jsn", (5, 14), "did you mean 'json'?"),
    "dialect unknown": ("dialect: {time: at}", "dialect: {tim: at}", (7, 14), "no such key"),
    "dialect no mapping": ("dialect: {time: at}", "dialect: at", (7, 14), "mapping"),
    "topic no filter": ("telegraf/+/pon", "telegraf/#/pon", (21, 14), "only the last"),
    "topic of the platform": ("telegraf/+/pon", "+/v1/#", (21, 14), "platform's own"),
    "topic of safety": ("telegraf/+/pon", "gigacity/safety/#", (21, 14), "platform's own"),
    "topic of alarms": ("telegraf/+/pon", "gigacity/alarms/{x}/+", (21, 14), "platform's own"),
    "topic of everything": ("telegraf/+/pon", "#", (21, 14), "platform's own"),
    "topics overlap": ("telegraf/+/pon", "/sys/k1ab/+/+", (21, 14),
                       "of source 'alink-a' (a.yaml:4)"),
    "owner nobody": ("{worker: worker-0}", "{}", (23, 12), "areas or a worker"),
    "owner both": ("{worker: worker-0}", '{worker: w, areas: ["371602"]}', (23, 12), "one of"),
    "owner no area": ('["371602"]', '["3716"]', (6, 21), "6-digit"),
    "publishers unknown level": ("[pk, dn]", "[pk, xy]", (8, 26), "write {xy}"),
    "publishers apart": ("[pk, dn]", "[dn, pk]", (8, 26), "side by side"),
    "publishers no user": ("{levels: [pk, dn]}", '{users: ["a b"]}', (8, 26), "no user name"),
    "time unit": ("unit: ms", "unit: min", (9, 18), "known are"),
    "time zone": ("Asia/Shanghai", "Asia/Binzhou", (9, 28), "Asia/Shanghai"),
    "time format": ("unit: ms", "format: soon", (9, 20), "%Y"),
    "time format twice": ("unit: ms", "format: '%Y %Y'", (9, 20), "%Y"),
    "time format of no part": ("unit: ms", "format: '%Y %Q'", (9, 20), "%Y"),
    "time format that ends early": ("unit: ms", "format: '%Y %'", (9, 20), "%Y"),
    "dialect of itself": ("dialect: {time: at}", "dialect: &a {each: [*a]}", (7, 14),
                          "alias of itself"),
    "time missing": ("missing: arrival", "missing: now", (9, 52), "known are"),
    "identity of two ways": ('registry: "{pk}/{dn}"', 'registry: "{pk}"\n      olt: "{dn}"',
                             (11, 7), "say one of"),
    "identity of no way": ('registry: "{pk}/{dn}"', 'area: "{pk}"', (11, 7), "say one of"),
    "device without community": ('registry: "{pk}/{dn}"', 'device: "{dn}"', (11, 7),
                                 "belong together"),
    "template with a brace alone": ('"{pk}/{dn}"', '"{pk}/{dn"', (11, 17), "stand in braces"),
    "template without a name": ('"{pk}/{dn}"', '"{}"', (11, 17), "without a name"),
    "unknown what": ("unknown: dead_letter", "unknown: drop", (12, 16), "known are"),
    "kind unknown": ("kind: smoke_detector", "kind: smoke_detectr", (15, 15),
                     "did you mean 'smoke_detector'?"),
    "kind without fields": ("        fields:\n          admin", "        field:\n          admin",
                            (28, 9), "'fields' is missing"),
    "kind of a port for a device": ('registry: "{pk}/{dn}"',
                                    'community: "{pk}"\n      device: "{dn}"', (0, 0), ""),
    "field unknown": ("battery_pct:", "battery:", (18, 11), "did you mean 'battery_pct'?"),
    "field without from": ("{from: Smoke, map: {0: false, 1: true}}", "{map: {0: false}}",
                           (17, 18), "'from' is missing"),
    "field from nothing": ("[Battery, Level]", "[]", (18, 31), "name 1 to 20"),
    "field from twice": ("[Battery, Level]", "[Level, Level]", (18, 39), "twice"),
    "field from a path without a step": ("[Battery, Level]", "[a..b]", (18, 32),
                                         "without a name"),
    "map of no flag": ("0: false", "0: no", (17, 41), "true or false"),
    "map of one key in two forms": ("1: true}", "1: true, 1.0: true}", (17, 57),
                                    "1.0 and 1 are one form"),
    "map of true and 1": ("1: true}", "1: true, true: true}", (17, 57),
                          "true and 1 are one form"),
    "map of null": ("0: false", "null: false", (17, 38), "quotes"),
    "map beside scale": ("1: true}}", "1: true}, scale: 2}", (17, 65), "beside map"),
    "map and sentinel": ("1: true}}", "1: true}, sentinel: 1}", (17, 68), "form of map as well"),
    "sentinel null": ("sentinel: [255]", "sentinel: [null]", (18, 60), "no sentinels"),
    "unit of a flag": ("{0: false, 1: true}}", "{0: false, 1: true}, unit: V}", (17, 64),
                       "beside map"),
    "unit of another kind": ('unit: "%"', "unit: V", (18, 72), "cannot become %"),
    "scale zero": ('unit: "%"', "scale: 0", (18, 73), "must not be 0"),
    "scale no number": ('unit: "%"', 'scale: "0.1"', (18, 73), "a number"),
    "scale too small": ('unit: "%"', "scale: 1e-15", (18, 73), "12 digits"),
    "port without a state": ("          oper: {from: o, map: {1: up, 2: down}}\n", "", (30, 11),
                             "lacks 'oper'"),
    "port state unknown": ("{from: o, map: {1: up, 2: down}}", "{from: o, map: {1: on}}",
                           (31, 36), "up or down"),
    "formula unknown": ("formula: huawei", "formula: hauwei", (26, 48), "did you mean 'huawei'?"),
    "index without a formula": (', formula: huawei', "", (26, 13), "belong together"),
    "slot without a port": ('index: "{tags.ifIndex}", formula: huawei', 'slot: "{s}"', (26, 13),
                            "belong together"),
    "port missing": ('      port: {index: "{tags.ifIndex}", formula: huawei}\n', "", (27, 15),
                     "needs identity.port"),
    "test of no source": ("- source: alink-a", "- source: alink", (33, 13),
                          "did you mean 'alink-a'?"),
    "test without a payload": ("    payload: {Smoke: 1, at: 1764500400123}\n", "", (33, 5),
                               "'payload' is missing"),
    "test that fails": ("Smoke: 1, at", "Smoke: 0, at", (33, 5),
                        "stored[0].values.alarm: False, expected True"),
    "test of another topic": ("topic: /sys/k1ab/d1/post", "topic: /sys/d1/post", (33, 5),
                              "none of source alink-a"),
    "owner without areas": ('["371602"]', "[]", (6, 20), "names no area"),
    "publishers nothing": ("{levels: [pk, dn]}", "{}", (8, 17), "says nothing"),
    "publishers no level": ("{levels: [pk, dn]}", "{levels: []}", (8, 26), "names no level"),
    "area beside registry": ("      unknown: dead_letter", "      area: x", (12, 13),
                             "no place beside registry"),
    "port of nothing": ('{index: "{tags.ifIndex}", formula: huawei}', "{}", (26, 13),
                        "say where slot and port stand"),
    "port of a device": ("kind: smoke_detector", "kind: pon_port", (18, 11), "not a field of"),
    "device for an OLT": ("- kind: pon_port", "- kind: camera", (28, 15), "is a kind of devices"),
    "when of nothing": ("{pk: k1ab}", "{pk: []}", (14, 20), "give 1 to"),
    "when no name": ("{pk: k1ab}", '{"a..b": 1}', (14, 15), "is no name"),
    "kinds empty": ("    kinds:\n      - kind: pon_port", "    kinds: []\n    x:\n      - kind: y",
                    (27, 12), "give 1 to 100"),
    "fields empty": ("        fields:\n          alarm: {from: Smoke, map: {0: false, 1: true}}\n"
                     "          battery_pct: {from: [Battery, Level], sentinel: [255],"
                     ' unit: "%"}\n',
                     "        fields: {}\n", (16, 17), "has no field; smoke_detector has alarm"),
    "value of a form out of range": ("{from: [Battery, Level], sentinel: [255]",
                                     "{from: Battery, map: {5: 101}", (18, 49), "the range of"),
    "value of a form no whole number": ("{from: [Battery, Level], sentinel: [255]",
                                        "{from: Battery, map: {5: 1.5}", (18, 49), "whole number"),
    "value of a form no number": ("{from: [Battery, Level], sentinel: [255]",
                                  "{from: Battery, map: {5: low}", (18, 49), "must be a number"),
    "map of nothing": ("{0: false, 1: true}", "{}", (17, 37), "give 1 to 1000"),
    "scale of a flag": ("map: {0: false, 1: true}", "scale: 2", (17, 39), "is no number"),
    "tag": ("decoder: json", "decoder: !!python/name:os.system json", (5, 14), ""),
    "not YAML": ("version: 1", "version: [1", (2, 8), "is not YAML"),
    "no mapping": (GOOD, "- a\n", (1, 1), "must be a mapping"),
    "empty": (GOOD, "\n", (1, 1), "is empty"),
    "sources no list": (GOOD, "version: 1\nsources: {}\n", (2, 10), "must be a list"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "part"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told(
    tmp_path: Path, old: str, new: str, place: tuple[int, int], part: str
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    if place == (0, 0):
        # Another way that is as good.
        (tmp_path / "a.yaml").write_text(text.partition("tests:")[0], encoding="utf-8")
        load_sources(tmp_path / "a.yaml")
        return
    found = problems_of(tmp_path, text)
    told = "\n".join(map(str, found))
    assert [p for p in found if (p.line, p.column) == place and part in p.message], told
