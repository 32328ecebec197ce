"""An OLT that reports its PON ports: birth, will, QoS 1, numbered reports, orderly end.

Needs paho-mqtt 2 (pip install paho-mqtt). What it is told stands in docs/samples/README.md.
"""

import json
import os
import signal
import sys
import threading
import time

import paho.mqtt.client as mqtt

IDENTITY = os.environ["MQTT_USERNAME"]  # 371602/olt/olt-1
STATUS = f"gigacity/v1/{IDENTITY}/status"
REPORTS = int(os.environ.get("REPORTS", "0"))
INTERVAL_S = float(os.environ.get("INTERVAL_S", "60"))

session = 0  # epoch ms of the CONNECT: the same in birth, will and end of one connection
up, stop = threading.Event(), threading.Event()


def now_ms():
    return time.time_ns() // 1_000_000


def status(state, **more):
    return json.dumps({"session": session, "state": state, **more})


def before_connect(client, _userdata):
    """Each connection, also one that comes after a loss, is a session with a will of its own."""
    global session  # noqa: PLW0603
    session = now_ms()
    client.will_set(STATUS, status("offline"), qos=1, retain=True)


def connected(client, _userdata, _flags, reason, _properties):
    if reason.is_failure:
        sys.stderr.write(f"refused: {reason}\n")
        return
    client.publish(STATUS, status("online"), qos=1, retain=True)
    up.set()


def published(_client, _userdata, _mid, reason, _properties):
    if reason.is_failure:
        sys.stderr.write(f"not taken: {reason}\n")  # such as 0x87: not this publisher's topic


def read_ports():
    """Here the hardware is asked. What it does not know is left out, never sent as 0."""
    return [
        {
            "slot": 1, "port": 0, "tech": "xgs-pon", "admin": "up", "oper": "up",
            "tx_dbm": 5.2, "rx_dbm": -18.75, "onu_total": 34, "onu_online": 31,
        },
        {"slot": 1, "port": 4, "tech": "gpon+xgs-pon", "admin": "up", "oper": "down"},
    ]  # fmt: skip


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
client.username_pw_set(IDENTITY, os.environ["MQTT_PASSWORD"])
if os.environ.get("MQTT_CA"):
    client.tls_set(ca_certs=os.environ["MQTT_CA"])
client.on_pre_connect = before_connect
client.on_connect = connected
client.on_publish = published
for name in (signal.SIGINT, signal.SIGTERM):
    signal.signal(name, lambda *_: stop.set())

client.connect(os.environ["MQTT_HOST"], int(os.environ.get("MQTT_PORT", "1883")), keepalive=30)
client.loop_start()
while not (up.wait(0.2) or stop.is_set()):
    pass
seq = 0
while not stop.is_set() and (not REPORTS or seq < REPORTS):
    seq += 1
    report = {"ts": now_ms(), "seq": seq, "ports": read_ports()}
    # Kept by paho while the connection is away, and sent afterwards, each with its own ts.
    client.publish(f"gigacity/v1/{IDENTITY}/pon", json.dumps(report), qos=1)
    stop.wait(INTERVAL_S)

sent = client.publish(STATUS, status("offline", ts=now_ms(), reason="stop"), qos=1, retain=True)
sent.wait_for_publish(5)
client.disconnect()
client.loop_stop()
