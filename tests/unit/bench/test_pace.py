"""Messages of the bench at a pace: what is sent, and when."""

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_ingest.decode.decoder import Decoder
from tests.bench.ingest.shapes import PORTS
from tests.bench.ingest.wire import Login
from tests.bench.pace.command import SHAPES
from tests.bench.pace.run import CITY_BUNDLE, samples_of
from tests.bench.pace.sending import PacedMessages, Publisher
from tests.support.city import write_city
from tests.unit.ingest.messages import NOW_MS, decode


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return load_city(write_city(tmp_path_factory.mktemp("city")))


@pytest.mark.parametrize("name", SHAPES)
def test_every_message_is_of_one_instant_and_the_worker_takes_it(name: str, city: City) -> None:
    samples = samples_of(next(shape for shape in SHAPES if shape == name), city, NOW_MS, 40)
    for sample in samples:
        body = json.loads(sample.payload)
        reports = body.get("reports", [body])
        assert {report["ts"] for report in reports} == {NOW_MS}
        # A small city's gateway has fewer devices than a bundle has reports.
        out = decode(Decoder(city), sample.topic, sample.payload)
        assert out.points + len(out.dead_letters) == len(sample.lines)


def test_a_city_sends_ports_and_bundles(city: City) -> None:
    sizes = [len(sample.lines) for sample in samples_of("city", city, NOW_MS, 4)]
    assert sizes == [PORTS, CITY_BUNDLE, PORTS, CITY_BUNDLE]


@pytest.fixture
def broker() -> Iterator[tuple[int, list[bytes]]]:
    """Accepts one connection and acknowledges each packet; what came, one entry a packet."""
    came: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, came))
        thread.start()
        yield listener.getsockname()[1], came
        thread.join()


def _serve(listener: socket.socket, came: list[bytes]) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb") as stream:
        connection.recv(1 << 16)
        connection.sendall(b"\x20\x02\x00\x00")
        while stream.read(1) == b"\x32":
            size, shift = 0, 0
            while (byte := stream.read(1)[0]) & 128:
                size, shift = size | (byte & 127) << shift, shift + 7
            came.append(stream.read(size | byte << shift))
            connection.sendall(b"\x40\x02\x00\x01")


def test_messages_are_sent_at_their_pace_with_the_instant_of_sending(
    broker: tuple[int, list[bytes]], city: City
) -> None:
    port, came = broker
    samples = [s for s in samples_of("pon", city, NOW_MS, 40) if s.area == "371602"][:3]
    sent_ms = iter(range(NOW_MS + 1, NOW_MS + 10_000))
    login = Login("127.0.0.1", port, "371602", "word")
    # 16 points a message: 50 messages a second.
    paced = PacedMessages(samples, NOW_MS, 800.0, 800.0)
    publisher = Publisher({"371602": login}, paced, lambda: next(sent_ms))
    began_s = time.monotonic()
    publisher.start()
    while publisher.points < 20 * PORTS:
        time.sleep(0.001)
    took_s = time.monotonic() - began_s
    publisher.stop()

    assert took_s >= 19 / 50
    assert b'"ts":%d' % (NOW_MS + 1) in came[0]
    assert not any(b"%d" % NOW_MS in packet for packet in came)
    assert publisher.points == len(came) * PORTS
