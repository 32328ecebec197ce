"""What Telegraf 1.39.3 sent of each simulated OLT, byte for byte, and what the OLT showed.

``presets/<equipment>.json`` is the MQTT payload of one poll with the configuration that ``gigacity
mapping preset`` writes; ``python -m tests.golden.preset_recording`` records them anew.
"""

from pathlib import Path

from gigacity_contract.payloads import Port
from gigacity_simulators.models.pon import PortTruth, sample_port

FOLDER = Path(__file__).parent / "presets"
SHOWN_MS = 1_796_066_836_000


def payload_of(equipment: str) -> bytes:
    """The message of one poll."""
    return (FOLDER / f"{equipment}.json").read_bytes()


def recorded_ports() -> list[Port]:
    """The ports that were polled: two slots of eight, one port of each disabled, one dark."""
    states = {3: PortTruth("", "up", "down"), 7: PortTruth("", "down", "down")}
    up = PortTruth("", "up", "up")
    return [
        sample_port(
            1000 * slot + port, slot, port, states.get(port, up)._replace(tech=tech), SHOWN_MS
        )
        for slot, tech in ((1, "xgs-pon"), (2, "gpon"))
        for port in range(1, 9)
    ]
