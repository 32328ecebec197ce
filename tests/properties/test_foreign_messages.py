"""Whatever a foreign message holds: decoding ends, and a copy of it changes nothing.

Sources, mappings and decoders are the real ones of the end-to-end test.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from gigacity_city.load import load_city
from gigacity_ingest.decode.dead_letter import message_of
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.foreign.intake import ForeignIntake
from gigacity_ingest.mapping.loading import load_sources
from tests.e2e.foreign_stack import FOREIGN_IDS, SOURCES
from tests.support.city import COMMUNITY_A, write_city
from tests.unit.ingest.messages import NOW_MS

with TemporaryDirectory() as _folder:
    _path = Path(_folder)
    _city = write_city(_path / "city", foreign_ids=FOREIGN_IDS)
    (_path / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    CITY, MAPPINGS = load_city(_city), _path / "sources.yaml"
    SOURCES_OF_ALL = load_sources(MAPPINGS)

TOPICS = [
    "/sys/k1ab/smk-07/thing/event/property/post",
    "telegraf/poller-a/pon",
    "application/7d1c/device/a1b2c3d4e5f60718/event/up",
    f"site/{COMMUNITY_A}/elevator-1/up",
    "$oc/devices/p9_lamp-4/sys/properties/report?request_id=1",
    "spBv1.0/lights/DDATA/station-4/lamp",
    "nobody/knows/this",
]
KEYS = [
    "id", "params", "value", "time", "SmokeSensorState", "BatteryPercentage", "CurrentTemperature",
    "metrics", "name", "tags", "fields", "timestamp", "source", "ifName", "ifAdminStatus",
    "ifOperStatus", "txp", "deviceInfo", "devEui", "object", "total_m3", "trips", "level",
    "services", "service_id", "properties", "event_time", "brightness", "power",
]  # fmt: skip
WORDS = ["olt-a", "GPON 0/1/3", "Lamp", "a1b2c3d4e5f60718", "87", "", "nan", "20260101T000000Z"]
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.sampled_from(WORDS)
    | st.integers(NOW_MS - 10_000, NOW_MS)
)  # fmt: skip
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=25,
)
PAYLOADS = st.binary(max_size=60) | DOCUMENTS.map(lambda made: json.dumps(made).encode())
NUMBERS = st.integers(0, 100) | SCALARS
TIMES = st.integers(NOW_MS - 5000, NOW_MS) | SCALARS
_WRAPPED = st.fixed_dictionaries({"value": NUMBERS}, optional={"time": TIMES})
_PARAMS = st.dictionaries(st.sampled_from(KEYS[4:7]), NUMBERS | _WRAPPED, min_size=1)
_METRIC = st.fixed_dictionaries(
    {
        "tags": st.fixed_dictionaries(
            {"source": st.just("olt-a"), "ifName": st.sampled_from(["GPON 0/1/0", "GPON 0/9/9"])}
        ),
        "fields": st.fixed_dictionaries(
            {"ifAdminStatus": st.just(1), "ifOperStatus": st.sampled_from([1, 2, "up"])},
            optional={"txp": NUMBERS},
        ),
    },
    optional={"timestamp": st.integers(NOW_MS // 1000 - 5, NOW_MS // 1000) | SCALARS},
)
_SERVICE = st.fixed_dictionaries(
    {
        "service_id": st.just("Lamp"),
        "properties": st.dictionaries(st.sampled_from(KEYS[-2:]), NUMBERS, min_size=1),
    },
    optional={"event_time": TIMES},
)
REPORTS = {
    TOPICS[0]: st.fixed_dictionaries({"params": _PARAMS}, optional={"id": st.just("7")}),
    TOPICS[1]: st.fixed_dictionaries({"metrics": st.lists(_METRIC, min_size=1, max_size=3)}),
    TOPICS[3]: st.fixed_dictionaries({"trips": NUMBERS}, optional={"level": NUMBERS}),
    TOPICS[4]: st.fixed_dictionaries({"services": st.lists(_SERVICE, min_size=1, max_size=2)}),
}
MESSAGES = st.one_of(
    st.tuples(st.sampled_from(TOPICS), PAYLOADS),
    *(
        st.tuples(st.just(topic), report.map(lambda made: json.dumps(made).encode()))
        for topic, report in REPORTS.items()
    ),
)


def take(
    decoder: Decoder, topic: str, payload: bytes, now_ms: int = NOW_MS, **members: Any
) -> Outcome:
    out = Outcome()
    is_copy = members.pop("is_copy", False)
    decoder.decode(ReceivedMessage(topic.encode(), payload, is_copy, now_ms, **members), out)
    return out


@settings(max_examples=300, deadline=None)
@given(MESSAGES)
def test_decoding_ends_and_a_copy_or_a_replay_is_the_same_points(
    message: tuple[str, bytes],
) -> None:
    topic, payload = message
    decoder = Decoder(CITY)
    decoder.foreign = ForeignIntake(decoder, decoder.registry, SOURCES_OF_ALL)
    first = take(decoder, topic, payload)

    event(f"points: {bool(first.raw)}, dead letters: {bool(first.dead_letters)}")
    assert decoder.internal_errors == 0
    copy = take(decoder, topic, payload, NOW_MS + 60_000, is_copy=True)
    assert sorted(copy.raw) == sorted(first.raw)
    for dead_letter in first.dead_letters:
        stamp = dead_letter.received_ms if dead_letter.ts is None else dead_letter.ts
        assert message_of(dead_letter) == payload
        again = take(
            decoder, topic, message_of(dead_letter), NOW_MS + 90_000, is_copy=True, stamp_ms=stamp
        )
        assert sorted(again.raw) == sorted(first.raw)
        assert dead_letter.publisher
