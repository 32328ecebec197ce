"""Records what Telegraf sends of each simulated OLT: ``python -m tests.golden.preset_recording``.

Needs a Telegraf with ``inputs.snmp``, ``outputs.mqtt`` and ``json`` on PATH, and Mosquitto.
"""

import subprocess
import tempfile
import threading
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from gigacity_deploy.sockets import free_port
from gigacity_ingest.presets.catalogue import PRESETS
from gigacity_ingest.presets.definition import OltPreset
from gigacity_ingest.presets.telegraf_config import Agent, Polling, telegraf_config
from gigacity_simulators.snmp.tables import VENDORS, objects_of
from tests.golden.preset_files import FOLDER, recorded_ports
from tests.support.olt_presets import snmp_agent, telegraf_environment, telegraf_or_why_not


def record(preset: OltPreset, telegraf: str, broker_port: int, folder: Path) -> bytes:
    """The payload of one poll."""
    received, came = list[bytes](), threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2)

    def take(_client: object, _data: object, message: paho.MQTTMessage) -> None:
        received.append(bytes(message.payload))
        came.set()

    client.on_message = take
    client.on_subscribe = lambda *_: came.set()
    client.connect("127.0.0.1", broker_port)
    client.loop_start()
    client.subscribe("telegraf/#", qos=1)
    assert came.wait(10)
    came.clear()
    config = folder / f"{preset.name}.conf"
    objects = objects_of(VENDORS[preset.name], recorded_ports())
    with snmp_agent(lambda: objects) as port:
        agents = [Agent(f"udp://127.0.0.1:{port}", f"olt-{preset.name}")]
        text = telegraf_config(preset, Polling(agents, f"mqtt://127.0.0.1:{broker_port}"))
        config.write_text(text, encoding="utf-8")
        command = [telegraf, "--config", str(config), "--once"]
        subprocess.run(command, env=telegraf_environment("x"), check=True, timeout=60)
    assert came.wait(10)
    client.disconnect()
    client.loop_stop()
    (payload,) = received
    return payload


def main() -> None:
    """Record every preset."""
    telegraf, reason = telegraf_or_why_not()
    if not telegraf:
        raise SystemExit(reason)
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = f"listener {port} 127.0.0.1\nallow_anonymous true\n"
        (folder / "mosquitto.conf").write_text(lines, encoding="utf-8")
        broker = subprocess.Popen(["mosquitto", "-c", str(folder / "mosquitto.conf")])
        try:
            threading.Event().wait(1)
            FOLDER.mkdir(exist_ok=True)
            for preset in PRESETS.values():
                payload = record(preset, telegraf, port, folder)
                (FOLDER / f"{preset.name}.json").write_bytes(payload)
        finally:
            broker.terminate()
            broker.wait(10)


if __name__ == "__main__":
    main()
