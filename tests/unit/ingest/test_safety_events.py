"""What devices call out is passed on at once: every way in, once a while, nobody's flood."""

from typing import Any

import msgspec
import pytest

from gigacity_contract.kinds import CATALOGUE, KIND_OF_VALUES
from gigacity_contract.safety import SAFETY_FLAGS, SAFETY_KINDS, SafetyEvent
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Outcome
from gigacity_ingest.decode.safety import SafetyCall, safety_event
from gigacity_ingest.fast_path.hot_path import HotPath
from gigacity_ingest.pipeline.safety_relay import BURST, REPEAT_MS, SafetyRelay
from gigacity_notify.safety import SAFETY_TYPES, read_event
from tests.support.city import AREA_A, COMMUNITY_A
from tests.unit.ingest.messages import BUNDLE_TOPIC, NOW_MS, bundle, decode, device, entry


def _prefix(event: SafetyEvent) -> str:
    """Of the lines of the device that calls."""
    place = f"area={event.area};community={event.community};device={event.device}"
    return f"device_{event.kind};{place}"


def _calls(*events: SafetyEvent) -> list[SafetyCall]:
    return [(_prefix(event), event.ts) for event in events]


SMOKE_TOPIC = f"gigacity/v1/{AREA_A}/community/{COMMUNITY_A}/smk-7/telemetry"
EVENT = SafetyEvent("smoke_detector", AREA_A, COMMUNITY_A, "smk-7", NOW_MS)


def _smoke(**values: Any) -> bytes:
    return device(kind="smoke_detector", values={"temp_c": 20.5} | values)


def test_a_flag_that_is_set_is_an_event_and_one_that_is_not_is_none(decoder: Decoder) -> None:
    assert decode(decoder, SMOKE_TOPIC, _smoke(alarm=True)).safety_calls == _calls(EVENT)
    assert decode(decoder, SMOKE_TOPIC, _smoke(alarm=False)).safety_calls == []
    assert decode(decoder, SMOKE_TOPIC, _smoke()).safety_calls == []
    assert decode(decoder, SMOKE_TOPIC, _smoke(alarm="yes")).safety_calls == []


@pytest.mark.parametrize("values", SAFETY_FLAGS, ids=lambda values: values.__name__)
def test_every_kind_that_can_call_out_does(decoder: Decoder, values: Any) -> None:
    kind, flag = KIND_OF_VALUES[values], SAFETY_FLAGS[values]
    out = decode(decoder, SMOKE_TOPIC, device(kind=kind, values={flag: True}))
    assert [safety_event(*call).kind for call in out.safety_calls] == [kind]


def test_a_bundle_calls_out_for_its_devices(decoder: Decoder) -> None:
    fire = entry("smk-9", kind="smoke_detector", values={"alarm": True})
    out = decode(decoder, BUNDLE_TOPIC, bundle(entry(), fire))
    assert [safety_event(*call).device for call in out.safety_calls] == ["smk-9"]


def test_the_hot_path_calls_out_as_the_general_one_does(decoder: Decoder) -> None:
    hot, out = HotPath(decoder), Outcome()
    packets: list[Any] = [
        (n, SMOKE_TOPIC.encode(), _smoke(alarm=alarm), 2, 100)
        for n, alarm in enumerate([True, False, True])
    ]
    hot.decode(packets, 0, 3, out, now_ms=NOW_MS, points=1_000)
    assert out.safety_calls == _calls(EVENT, EVENT)
    assert out.points == 3


def test_a_repeated_call_is_passed_on_once_a_minute() -> None:
    relay = SafetyRelay()
    (message,) = relay.messages(_calls(EVENT, EVENT), NOW_MS)
    assert message.topic == f"gigacity/safety/{AREA_A}/{COMMUNITY_A}/smk-7"
    assert read_event(message.payload) == EVENT
    assert relay.messages(_calls(EVENT), NOW_MS + REPEAT_MS - 1) == []
    assert len(relay.messages(_calls(EVENT), NOW_MS + REPEAT_MS)) == 1


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    relay = SafetyRelay()
    assert len(relay.messages(_calls(EVENT), NOW_MS)) == 1
    earlier_ms = NOW_MS - 3_600_000
    again = _calls(msgspec.structs.replace(EVENT, ts=earlier_ms))
    assert len(relay.messages(again, earlier_ms)) == 1
    assert relay.messages(again, earlier_ms + 1) == []


def test_a_late_report_is_no_emergency() -> None:
    old = msgspec.structs.replace(EVENT, ts=NOW_MS - 300_001)
    assert SafetyRelay().messages(_calls(old), NOW_MS) == []


def test_a_community_that_claims_to_burn_everywhere_holds_up_nobody() -> None:
    relay = SafetyRelay()
    flood = [msgspec.structs.replace(EVENT, device=f"d{n}") for n in range(10_000)]
    other = msgspec.structs.replace(EVENT, community="371603001001")
    found = relay.messages(_calls(*flood, other), NOW_MS)
    assert len(found) == BURST + 1
    assert "371603001001" in found[-1].topic
    assert relay.left_out == 10_000 - BURST
    assert (
        len(relay.messages(_calls(msgspec.structs.replace(EVENT, device="x")), NOW_MS + 1_000)) == 1
    )


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gigacity_ingest.pipeline.safety_relay.MAX_REMEMBERED", 10)
    relay = SafetyRelay()
    for n in range(100):
        event = msgspec.structs.replace(EVENT, community=f"c{n}", device=f"d{n}")
        relay.messages(_calls(event), NOW_MS)
    assert len(relay._last_ms) <= 10
    assert len(relay._budgets) <= 10


def test_whoever_tells_people_knows_every_kind() -> None:
    assert set(SAFETY_TYPES) == SAFETY_KINDS
    assert set(CATALOGUE) >= SAFETY_KINDS
