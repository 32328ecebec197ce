"""Tests that a mapping file brings, and the folder that holds several files."""

import os
from pathlib import Path

import pytest

from gigacity_city.foreign_ids import ForeignIds, ForeignObject
from gigacity_ingest.formats.readings import ForeignMessage
from gigacity_ingest.mapping.cases import ImaginaryCity
from gigacity_ingest.mapping.explaining import explain
from gigacity_ingest.mapping.loading import check_mappings, load_sources
from gigacity_ingest.mapping.problems import MAX_FAULTS, MappingError
from tests.support.mappings import source_text

CASE = """\
tests:
  - source: here
    topic: site/371602001001/smoke-1/up
    payload: {payload}
    expect: {expect}
"""


def _file(folder: Path, payload: str, expect: str, fields: str = "{temp_c: t}") -> Path:
    path = folder / "a.yaml"
    text = source_text(fields) + CASE.format(payload=payload, expect=expect)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("payload", "expect"),
    [
        ("{t: 1}", "{stored: [{values: {temp_c: 1}}]}"),
        ("'{\"t\": 1}'", "{stored: [{kind: smoke_detector, values: {temp_c: 1.0}}]}"),
        ("hex:7b2274223a6e756c6c7d", "{counts: {null: {temp_c: 1}}}"),
        ("{t: 1}", "{stored: [{time: '2025-11-30T20:00:00+08:00', arrival: true}]}"),
        ("{t: x}", "{refused: [bad_field]}"),
        ("[1]", "{refused: [bad_envelope]}"),
        ("{t: 1, u: 2}", "{stored: [{}], counts: {unmapped: {u: 1}}}"),
    ],
)
def test_what_is_expected_may_be_said_in_part(tmp_path: Path, payload: str, expect: str) -> None:
    loaded = check_mappings([_file(tmp_path, payload, expect)])
    assert (loaded.cases, loaded.failures) == (1, [])


@pytest.mark.parametrize(
    ("payload", "expect", "part"),
    [
        ("{t: 1}", "{}", "stored: 1 report(s), expected 0"),
        ("{t: 1}", "{stored: [{values: {temp_c: 2}}]}", "temp_c: 1.0, expected 2"),
        ("{t: 1}", "{stored: [{values: {}}]}", "temp_c: 1.0, not expected"),
        ("{t: 1}", "{stored: [{values: {alarm: true}}]}", "alarm: missing, expected True"),
        ("{t: 1}", "{stored: [{arrival: false}]}", "arrival: True, expected False"),
        ("{t: x}", "{}", "refused: bad_field: here: smoke-1: temp_c: 'x' is no number"),
        ("{t: 1}", "{stored: [{}], refused: [bad_field]}", "refused: nothing"),
        ("{t: 1}", "{stored: [{}], counts: {unmapped: {u: 1}}}", "u: missing, expected 1"),
    ],
)
def test_what_differs_is_told(tmp_path: Path, payload: str, expect: str, part: str) -> None:
    path = _file(tmp_path, payload, expect)
    told = "\n".join(map(str, check_mappings([path]).failures))
    assert part in told
    # A worker does not take a mapping that its own tests refute.
    with pytest.raises(MappingError):
        load_sources(path)


def test_payload_and_expectation_may_stand_in_files(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_bytes(b'{"t": 3}')
    (tmp_path / "e.json").write_bytes(b'{"stored": [{"values": {"temp_c": 3}}]}')
    assert not check_mappings([_file(tmp_path, "file:p.json", "file:e.json")]).failures


@pytest.mark.parametrize(
    ("name", "part"),
    [("../p.json", "outside the folder"), ("gone.json", "cannot be read"), (".", "cannot be")],
)
def test_a_file_that_is_not_beside_the_mapping_is_told(
    tmp_path: Path, name: str, part: str
) -> None:
    with pytest.raises(MappingError, match=part):
        load_sources(_file(tmp_path, f"'file:{name}'", "{}"))


def test_a_test_that_would_not_be_run_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigacity_ingest.mapping.loading.MAX_CASES", 1)
    path = _file(tmp_path, "{t: 1}", "{stored: [{}]}")
    load_sources(path)
    again = CASE.partition("\n")[2].format(payload="{t: x}", expect="{}")
    path.write_text(path.read_text(encoding="utf-8") + again, encoding="utf-8")
    with pytest.raises(MappingError, match="is one of 2 tests, at most 1"):
        load_sources(path)


def test_tests_leave_no_trace(tmp_path: Path) -> None:
    loaded = check_mappings([_file(tmp_path, "{t: x, u: 1}", "{refused: [bad_field]}")])
    counts = loaded.sources["here"].mapper.counts
    assert (dict(counts.unmapped), counts.of_fields()) == ({}, {})


def test_a_folder_is_whole_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(source_text("{temp_c: t}"), encoding="utf-8")
    other = source_text("{temp_c: t}", topics='["b/{community}/{device}"]')
    (tmp_path / "b.yml").write_text(other.replace("name: here", "name: there"), encoding="utf-8")
    (tmp_path / ".c.yaml").write_text("an editor's", encoding="utf-8")
    (tmp_path / "readme.md").write_text("for people", encoding="utf-8")
    found = load_sources(tmp_path)
    assert [source.name for source in found] == ["here", "there"]
    assert found.find("b/371602001001/x") is found["there"]
    assert found.find("c") is None

    (tmp_path / "d.yaml").write_text(source_text("{temp: t}"), encoding="utf-8")
    with pytest.raises(MappingError) as caught:
        load_sources(tmp_path)
    told = [str(problem) for problem in caught.value.problems]
    assert any("a source 'here' stands in a.yaml already" in text for text in told)
    assert any("can meet the same topic" in text and "(a.yaml:4)" in text for text in told)
    assert any("'temp' is not a field" in text for text in told)


def test_filters_of_one_source_that_cross_are_a_fault_and_covered_ones_are_none(
    tmp_path: Path,
) -> None:
    """The broker sends a message once for each filter that meets it."""
    path = tmp_path / "a.yaml"
    crossing = '["a/{community}/{device}", "a/+/x", "+/b/{device}"]'
    path.write_text(source_text("{temp_c: t}", topics=crossing), encoding="utf-8")
    with pytest.raises(MappingError, match="broker would send their messages twice"):
        load_sources(path)
    covered = '["a/{community}/{device}", "a/+/x"]'
    path.write_text(source_text("{temp_c: t}", topics=covered), encoding="utf-8")
    assert load_sources(path)["here"].subscriptions == ("a/+/+",)


def test_the_version_follows_the_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(source_text("{temp_c: t}"), encoding="utf-8")
    first = load_sources(path).version
    assert load_sources(tmp_path).version == first
    path.write_text(source_text("{temp_c: u}"), encoding="utf-8")
    assert load_sources(path).version != first


def test_files_have_bounds(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("#" * (2**20 + 1), encoding="utf-8")
    with pytest.raises(MappingError, match="larger than 1024 KiB"):
        load_sources(path)
    path.write_bytes(b"version: 1\n# \xff\n")
    with pytest.raises(MappingError, match=r"a\.yaml:2:1: is not UTF-8"):
        load_sources(path)
    path.write_text("[" * 100, encoding="utf-8")
    with pytest.raises(MappingError, match="nested deeper"):
        load_sources(path)
    wrong = "sources: []\n" + "".join(f"x{number}: 1\n" for number in range(MAX_FAULTS + 9))
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(MappingError, match="10 more; mend these first"):
        load_sources(path)


def test_aliases_of_aliases_cannot_grow(tmp_path: Path) -> None:
    lists = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lists += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    text = source_text("{temp_c: t}", more="dialect: {time: *a8}")
    path = tmp_path / "a.yaml"
    path.write_text("\n".join(lists) + "\n" + text, encoding="utf-8")
    with pytest.raises(MappingError, match="one value too many"):
        load_sources(path)


def test_an_anchor_spares_repetition(tmp_path: Path) -> None:
    fields = "{alarm: {from: a, map: &on {on: true, off: false}}}"
    kinds = "      - {when: {m: x}, kind: gas_detector, fields: {alarm: {from: b, map: *on}}}\n"
    path = tmp_path / "a.yaml"
    path.write_text(source_text(fields, rest="when: {m: s}") + kinds, encoding="utf-8")
    assert len(load_sources(path)) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_must_not_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(source_text("{temp_c: t}"), encoding="utf-8")
    path.chmod(0)
    with pytest.raises(MappingError, match="cannot be read"):
        load_sources(path)


@pytest.mark.parametrize(
    ("payload", "expect", "more", "part"),
    [
        ("{t: 1}", "[]", "", "must be a single value"),
        ("{t: 1}", "file:wrong.json", "", "is no JSON"),
        ("{t: 1}", "file:list.json", "", "must hold an object"),
        ("{t: 1}", "{storred: []}", "", "did you mean 'stored'"),
        ("hex:0g", "{}", "", "non-hexadecimal"),
        ("{t: 1}", "{}", "received: soon", "is no instant"),
        ("{t: 1}", "{}", "received: 2026-01-01T00:00:00", "has no offset"),
        ("{t: 1}", "{}", "retained: 1", "true or false"),
        ("{t: 1}", "{}", "registry: x", "mapping of names"),
    ],
)
def test_a_test_that_cannot_be_read_is_told(
    tmp_path: Path, payload: str, expect: str, more: str, part: str
) -> None:
    (tmp_path / "wrong.json").write_bytes(b"{")
    (tmp_path / "list.json").write_bytes(b"[]")
    path = _file(tmp_path, payload, expect)
    path.write_text(f"{path.read_text(encoding='utf-8')}    {more}\n", encoding="utf-8")
    with pytest.raises(MappingError, match=part):
        load_sources(path)


def test_a_test_may_be_retained_and_at_its_own_moment(tmp_path: Path) -> None:
    path = _file(tmp_path, "{t: 1}", "{stored: []}")
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}    retained: true\n", encoding="utf-8")
    assert check_mappings([path]).failures == []
    text = text.replace("{stored: []}", "{stored: [{time: 2026-01-01T00:00:00Z}]}")
    path.write_text(f"{text}    received: 2026-01-01T08:00:00+08:00\n", encoding="utf-8")
    assert check_mappings([path]).failures == []


def test_bare_values_are_payloads_too(tmp_path: Path) -> None:
    loaded = check_mappings([_file(tmp_path, "21.5", "{stored: [{values: {temp_c: 21.5}}]}",
                                   "{temp_c: value}")])  # fmt: skip
    assert loaded.failures == []


def test_births_and_ends_are_explained(tmp_path: Path) -> None:
    text = source_text(
        "{temp_c: temperature}",
        decoder="zigbee2mqtt",
        topics='["zigbee2mqtt/#"]',
        identity='{registry: "{device}"}',
    )
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    source = check_mappings([path]).sources["here"]
    known = ForeignObject("371602", "371602001001", "smoke-1")
    source.mapper.follow(ImaginaryCity("371602", ForeignIds([("here", "hall/smoke 1", known)])))
    message = ForeignMessage(
        "zigbee2mqtt/hall/smoke 1/availability", b'{"state":"offline"}', is_retained=True, now_ms=0
    )
    found, _ = explain(source, message)
    (session,) = found.sessions
    assert (session.device, session.online) == ("371602001001/smoke-1", False)

    source.mapper.follow(ImaginaryCity("371602", ForeignIds()))
    found, _ = explain(source, message)
    assert (found.sessions, [one.reason for one in found.refused]) == ([], ["unknown_identity"])
