"""One reader drains one queue: connects, takes messages, acknowledges, prints what it cost.

Run as a process of its own, so that its CPU time is the reader's alone.
"""

import json
import resource
import selectors
import sys
import time

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gigacity_ingest.fast_path.publish_scanner import ScanningClient, StockClient

READERS = {"stock": StockClient, "quick": ScanningClient}
ACK_BATCH = 500


def make_client(reader: str, client_id: str, protocol: int) -> StockClient:
    """A client with a persistent session."""
    options = {} if protocol == paho.MQTTv5 else {"clean_session": False}
    return READERS[reader](
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        protocol=protocol,
        manual_ack=True,
        **options,
    )


def connect(client: StockClient, port: int, protocol: int) -> None:
    """Resume the session."""
    if protocol == paho.MQTTv5:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's gap
        properties.SessionExpiryInterval = 3600
        properties.ReceiveMaximum = 5000
        client.connect("127.0.0.1", port, clean_start=False, properties=properties)
    else:
        client.connect("127.0.0.1", port)


def drain(client: StockClient, expected: int) -> dict[str, float]:
    """Take ``expected`` messages on a selector, acknowledging them in batches."""
    mids: list[int] = []
    count = 0

    def deliver(mid: int, _t: bytes, _p: bytes, _q: int, _r: bool, _d: bool) -> None:
        nonlocal count
        count += 1
        mids.append(mid)

    client.deliver = deliver
    selector = selectors.DefaultSelector()
    selector.register(client.socket(), selectors.EVENT_READ)  # type: ignore[arg-type]
    start = cpu = 0.0
    while count < expected:
        if not selector.select(5.0):
            break
        client.loop_read()
        if count and not start:
            start, cpu = time.perf_counter(), time.process_time()
        if len(mids) >= ACK_BATCH or count >= expected:
            client.ack_many(mids)
            mids.clear()
    wall, used = time.perf_counter() - start, time.process_time() - cpu
    client.disconnect()
    return {
        "messages": count,
        "per_s": count / wall,
        "cpu_us": used / count * 1e6,
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    reader, port, protocol, client_id, expected = sys.argv[1:]
    made = make_client(reader, client_id, int(protocol))
    connect(made, int(port), int(protocol))
    sys.stdout.write(json.dumps(drain(made, int(expected))))
