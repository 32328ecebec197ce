"""What a watch over one publisher finds in a stream of its messages."""

import json
import string
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_city.registry import DeviceRange, DeviceRegistry, IdRange
from gigacity_contract.errors import TopicError
from gigacity_ingest.conformance.report import ConformanceReport, Conformity
from gigacity_ingest.conformance.watch import ConformanceWatch
from gigacity_ingest.conformance.wording import DETAILS, TITLES
from gigacity_ingest.decode.field_registry import FieldRegistry, OltPorts
from gigacity_ingest.traffic.arrivals import Arrival

START_MS = 1_796_000_000_000
MINUTE_MS = 60_000
OLT = "371602/olt/olt-1"
CAMERA = "371602/community/371602001001/cam-7"
GATEWAY = "371602/gateway/gw-1"
PORT = {"slot": 1, "port": 0, "tech": "xgs-pon", "admin": "up", "oper": "up"}


def _message(identity: str, level: str, at_ms: int, body: Any, **more: Any) -> Arrival:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    more = {"is_retained": level == "status", **more}
    return Arrival(at_ms, f"gigacity/v1/{identity}/{level}", payload, **more)


def _status(identity: str, at_ms: int, session: int, state: str = "online", **more: Any) -> Arrival:
    return _message(identity, "status", at_ms, {"session": session, "state": state}, **more)


def _pon(n: int, *, lag_ms: int = 300, every_ms: int = MINUTE_MS, **more: Any) -> Arrival:
    ts = START_MS + 1000 + n * every_ms
    body = {"ts": ts, "seq": n + 1, "ports": [PORT], **more}
    return _message(OLT, "pon", ts + lag_ms, body)


BIRTH = _status(OLT, START_MS + 500, START_MS + 400)


def _watched(
    arrivals: Iterable[Arrival],
    identity: str = OLT,
    minutes: float = 5,
    registry: FieldRegistry | None = None,
    losses: int = 0,
) -> ConformanceReport:
    watch = ConformanceWatch(identity, START_MS, registry)
    for arrival in arrivals:
        watch.take(arrival)
    return watch.report(START_MS + round(minutes * MINUTE_MS), losses)


def _of(report: ConformanceReport, check: str) -> tuple[Conformity, str]:
    (found,) = (f for f in report.findings if f.check == check)
    return found.conformity, found.detail.en


def test_a_good_olt_is_good() -> None:
    report = _watched([BIRTH, *(_pon(n) for n in range(5))])

    assert {f.check: f.conformity.value for f in report.findings} == {
        "registered": "unseen", "reports": "good", "topics": "good", "decoding": "good",
        "retained": "good", "qos": "good", "birth": "good", "will": "unseen", "end": "unseen",
        "seq": "good", "clock": "good", "cadence": "good",
    }  # fmt: skip
    assert report.is_good
    assert report.messages == 6


def test_nothing_at_all_is_bad() -> None:
    report = _watched([])

    assert not report.is_good
    assert _of(report, "reports")[0] == _of(report, "birth")[0] == Conformity.BAD


def test_a_birth_that_was_retained_before_counts() -> None:
    copy = _status(OLT, START_MS, START_MS - 90 * 86_400_000, is_copy=True)
    report = _watched([copy, *(_pon(n) for n in range(5))])

    assert _of(report, "birth")[0] is Conformity.GOOD
    assert report.messages == 5


@pytest.mark.parametrize(
    ("arrivals", "check", "words"),
    [
        pytest.param([_message(OLT, "pon", START_MS, b"{")], "decoding", "not_json", id="json"),
        pytest.param(
            [_pon(0, ports=[{**PORT, "rx_dbm": 99}])], "decoding", "bad_field", id="range"
        ),
        pytest.param(
            [_message(OLT, "telemetri", START_MS, {})], "topics", "/telemetri", id="topic"
        ),
        pytest.param([_status(OLT, START_MS, START_MS, is_retained=False)], "retained",
                     "1 status", id="status-not-retained"),
        pytest.param([_message(OLT, "pon", START_MS, {"ts": START_MS, "ports": []},
                               is_retained=True)], "retained", "1 retained", id="report-retained"),
        pytest.param([_message(OLT, "pon", START_MS, {"ts": START_MS, "ports": []}, is_copy=True,
                               is_retained=True)], "retained", "1 retained", id="report-copy"),
        pytest.param([_message(OLT, "pon", START_MS, {"ts": START_MS, "ports": []}, qos=0)],
                     "qos", "1 message", id="qos"),
        pytest.param([BIRTH, _status(OLT, START_MS + 900, START_MS + 899, "offline")], "will",
                     "no birth does", id="will-of-another-session"),
        pytest.param([_pon(0), _pon(1), _pon(4)], "seq", "2 message(s) missing", id="gap"),
        pytest.param([_pon(0), _pon(1), _pon(3), _pon(2)], "seq", "1 after", id="order"),
        pytest.param([_pon(0, lag_ms=-90_000)], "clock", "90.0 s ahead", id="ahead"),
        pytest.param([_pon(0, lag_ms=90_000)], "clock", "90.0 s late", id="behind"),
        pytest.param([_pon(n, every_ms=90_000) for n in range(4)], "cadence", "olt-1 takes 90.0 s",
                     id="rare"),
        pytest.param([_pon(0), _pon(1)], "cadence", "for 239 s", id="silent"),
    ],
)  # fmt: skip
def test_what_is_bad_is_told(arrivals: list[Arrival], check: str, words: str) -> None:
    report = _watched(arrivals)
    conformity, text = _of(report, check)

    assert conformity is Conformity.BAD
    assert words in text
    assert not report.is_good


@pytest.mark.parametrize(
    ("arrivals", "check", "words"),
    [
        pytest.param([_pon(0, ports=[{**PORT, "rx_dbm": 2147483647}])], "fields", "rx_dbm x1",
                     id="sentinel"),
        pytest.param([_pon(0, vendor=1)], "fields", "vendor x1", id="unknown"),
        pytest.param([_pon(0, seq=None)], "seq", "1 report(s) without", id="no-seq"),
        pytest.param([_pon(0, lag_ms=-3000)], "clock", "3.0 s ahead", id="ahead"),
    ],
)  # fmt: skip
def test_what_works_and_could_be_better_is_a_warning(
    arrivals: list[Arrival], check: str, words: str
) -> None:
    conformity, text = _of(_watched([BIRTH, *arrivals], minutes=1), check)

    assert conformity is Conformity.WARNING
    assert words in text


def test_gaps_may_be_the_watchs_own() -> None:
    report = _watched([BIRTH, _pon(0), _pon(2)], losses=1)

    assert _of(report, "seq")[0] is Conformity.WARNING


def test_reports_after_the_end_of_the_session_are_told() -> None:
    """A publisher that connects again has to be born again."""
    session = START_MS + 400
    end = _status(OLT, START_MS + 60_500, session, "offline")
    again = _status(OLT, START_MS + 122_000, session + 121_000)
    reports = [_pon(n) for n in range(5)]

    found = _watched([BIRTH, reports[0], end, *reports[1:]])
    assert _of(found, "sessions") == (
        Conformity.BAD,
        f"session {session} has ended, and reports go on: after each CONNECT comes a birth with a"
        " session of its own",
    )
    assert _of(found, "will")[0] is Conformity.GOOD
    found = _watched([BIRTH, reports[0], end, again, *reports[1:]])
    assert "sessions" not in {finding.check for finding in found.findings}


def test_the_same_again_is_no_second_reading() -> None:
    def camera(value: bool) -> Arrival:
        body = {"ts": START_MS, "kind": "camera", "values": {"intact": value}}
        return _message(CAMERA, "telemetry", START_MS + 100, body)

    good = _watched([camera(True), camera(True)], CAMERA)
    bad = _watched([camera(True), camera(False)], CAMERA)

    assert "instants" not in {finding.check for finding in good.findings}
    assert _of(bad, "instants")[0] is Conformity.BAD


def test_each_kind_of_a_bundle_has_its_own_cadence() -> None:
    def entry(device: str, kind: str, n: int, values: dict[str, Any]) -> dict[str, Any]:
        ts = START_MS + 1000 + n * MINUTE_MS
        where = {"community": "371602001001", "device": device}
        return {**where, "ts": ts, "kind": kind, "values": values}

    bundles = [
        _message(GATEWAY, "bundle", START_MS + 1200 + n * MINUTE_MS, {"seq": n, "reports": [
            entry("cam-7", "camera", n, {"intact": True}),
            *([entry("cam-8", "camera", n, {"intact": True})] if n in {0, 4} else []),
            entry("meter-1", "water_meter", n, {"volume_total_m3": 1}),
        ]}) for n in range(5)
    ]  # fmt: skip
    report = _watched(bundles, GATEWAY)
    found = {f.detail.en.split(":")[0]: f for f in report.findings if f.check == "cadence"}

    assert {kind: f.conformity for kind, f in found.items()} == {
        "camera": Conformity.BAD, "water_meter": Conformity.UNSEEN,
    }  # fmt: skip
    assert "1 of 2 are slower; 371602001001/cam-8 takes 240.0 s" in found["camera"].detail.en


def test_a_large_gateway_is_not_blamed_for_what_nobody_registered() -> None:
    """Without a city file nothing is; what is never seen to be registered is bounded."""
    reports = [
        {"community": "371602001001", "device": f"m-{n}", "ts": START_MS, "kind": "camera",
         "values": {"intact": True}} for n in range(600)
    ]  # fmt: skip
    report = _watched([_message(GATEWAY, "bundle", START_MS, {"reports": reports})], GATEWAY)

    assert _of(report, "decoding")[0] is Conformity.GOOD


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (OLT, True), ("371602/olt/olt-2", False), ("371621/olt/olt-1", False),
        (GATEWAY, True), ("371602/gateway/gw-2", False),
    ],
)  # fmt: skip
def test_a_publisher_is_looked_up_in_the_city_file(identity: str, expected: bool) -> None:
    registry = FieldRegistry(
        version="", areas=(), area_of_code={"371602": "371602", "371621": "371621"},
        community_by_code={}, gateways={"gw-1": "371602"},
        devices=DeviceRegistry([DeviceRange("371602001001", "camera", IdRange("c", 1, 2), "", 0)]),
        olts={"olt-1": OltPorts("371602", {(1, 0): "xgs-pon"})},
    )  # fmt: skip
    conformity, _ = _of(_watched([], identity, registry=registry), "registered")

    assert conformity is (Conformity.GOOD if expected else Conformity.BAD)


def test_an_identity_outside_the_grammar_is_refused() -> None:
    with pytest.raises(TopicError):
        ConformanceWatch("371602/switch/a", START_MS)


def test_however_much_comes_what_is_kept_is_bounded() -> None:
    watch = ConformanceWatch(OLT, START_MS)
    for n in range(3000):
        watch.take(_message(OLT, f"x{n}", START_MS, {}))
        watch.take(_status(OLT, START_MS, START_MS - n))
        watch.take(_pon(n, every_ms=10))
    seen = watch._observer.seen

    assert len(seen.outside) == 5
    assert len(seen.statuses) == 500
    assert [len(found.intervals_ms) for found in seen.objects.values()] == [64]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([OLT, CAMERA, GATEWAY, "x"]),
            st.sampled_from(["pon", "telemetry", "bundle", "status", "other/level"]),
            st.integers(START_MS, START_MS + 600_000),
            st.binary(max_size=60)
            | st.sampled_from([b"{}", b'{"ts":1}', b'{"reports":[{}]}', b'{"reports":[]}',
                               b'{"session":1,"state":"online"}',
                               b'{"ts":1796000000000,"ports":[]}',
                               b'{"ts":1e999,"kind":"camera","values":{"intact":1}}']),
            st.booleans(),
            st.booleans(),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_whatever_comes_the_watch_goes_on(arrivals: list[tuple[Any, ...]]) -> None:
    report = _watched(
        _message(identity, level, at_ms, payload, is_retained=retained, is_copy=copy)
        for identity, level, at_ms, payload, retained, copy in arrivals
    )

    assert report.messages == sum(not copy for *_, copy in arrivals)
    assert {finding.check for finding in report.findings} <= set(TITLES)


def test_both_languages_fill_in_the_same_figures() -> None:
    def names(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert [slug for slug, (zh, en) in DETAILS.items() if names(zh) != names(en)] == []
    assert all(zh and en for zh, en in [*TITLES.values(), *DETAILS.values()])
