"""Sources of reports that can be made again from their number, and what the broker took of them.

A source keeps, for each report, its ``ts`` and whether a PUBACK came; the rest follows from seed
and number. So a run of millions of points is accounted for field by field in a few megabytes.
Shares no code with what decodes, encodes or stores.
"""

import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

Key = tuple[str, ...]
"""Values of the tags that tell the points of one source and instant apart."""
Fields = dict[str, Any]

_TECHS = ("xgs-pon", "gpon", "gpon+xgs-pon", "xg-pon", "10g-epon")
_KINDS = ("camera", "smoke_detector", "electricity_meter")


@dataclass(frozen=True, slots=True)
class Expected:
    """The points of one report in one measurement."""

    measurement: str
    points: dict[Key, Fields]


class Source:
    """One publisher's reports.

    Args:
        identity: its path, which is its user name.
        seed: gives the fields.
    """

    level = ""
    """Last level of the topic."""
    key_tags: tuple[str, ...] = ()
    measurements: tuple[str, ...] = ()

    def __init__(self, identity: str, *, seed: int) -> None:
        self.identity = identity
        self.area = identity.split("/", maxsplit=1)[0]
        self.name = identity.rsplit("/", 1)[1]
        self.topic = f"gigacity/v1/{identity}/{self.level}"
        self.times_ms = array("q")
        self.acknowledged = bytearray()
        self.seed = seed

    def __len__(self) -> int:
        return len(self.times_ms)

    def new(self, now_ms: int) -> int:
        """The number of a further report; no two have one ``ts``."""
        last_ms = self.times_ms[-1] if self.times_ms else 0
        self.times_ms.append(max(now_ms, last_ms + 1))
        self.acknowledged.append(0)
        return len(self.times_ms) - 1

    def acknowledge(self, number: int) -> None:
        """A PUBACK came for the report."""
        self.acknowledged[number] = 1

    def owed(self) -> Iterator[int]:
        """Numbers of the reports that were acknowledged."""
        return (number for number, is_acked in enumerate(self.acknowledged) if is_acked)

    @property
    def condition(self) -> str:
        """What selects its points and nobody else's, in InfluxQL."""
        raise NotImplementedError

    def payload(self, number: int) -> bytes:
        """The report as it is sent; the same at every call."""
        raise NotImplementedError

    def expected(self, number: int) -> list[Expected]:
        """What must be stored of it."""
        raise NotImplementedError

    def entry(self, number: int, key: Key) -> bytes:
        """What names one entry of a bundle among the dead letters; nothing if it is no bundle."""
        return b""

    def _dice(self, number: int) -> Random:
        return Random(f"{self.seed}/{self.identity}/{number}")  # noqa: S311 - repeatable


class PonSource(Source):
    """An OLT with some ports."""

    level = "pon"
    key_tags = ("slot", "port", "tech", "area")
    measurements = ("pon_port",)

    def __init__(self, identity: str, *, seed: int, ports: int = 8) -> None:
        super().__init__(identity, seed=seed)
        self._ports = ports

    @property
    def condition(self) -> str:
        """By OLT."""
        return f"olt = '{self.name}'"

    def _fields(self, number: int) -> list[tuple[str, Fields]]:
        dice = self._dice(number)
        return [
            (
                _TECHS[port % len(_TECHS)],
                {
                    "admin": "up",
                    "oper": dice.choice(("up", "down")),
                    "rx_dbm": round(dice.uniform(-30, -10), 2),
                    "onu_total": 64,
                    "onu_online": dice.randrange(65),
                    "rx_bytes": dice.randrange(2**53),
                },
            )
            for port in range(self._ports)
        ]

    def payload(self, number: int) -> bytes:
        """Ports in one report."""
        ports = [
            {"slot": 1, "port": port, "tech": tech, **fields}
            for port, (tech, fields) in enumerate(self._fields(number))
        ]
        report = {"ts": self.times_ms[number], "seq": number, "ports": ports}
        return json.dumps(report).encode()

    def expected(self, number: int) -> list[Expected]:
        """One point a port."""
        points: dict[Key, Fields] = {
            ("1", str(port), tech, self.area): fields
            for port, (tech, fields) in enumerate(self._fields(number))
        }
        return [Expected("pon_port", points)]


def _values(kind: str, dice: Random) -> Fields:
    match kind:
        case "camera":
            return {"intact": dice.random() < 0.9, "bitrate_kbps": dice.randrange(20_000)}
        case "smoke_detector":
            return {"alarm": dice.random() < 0.1, "battery_pct": dice.randrange(101)}
        case _:
            return {"energy_total_kwh": round(dice.uniform(0, 90_000), 3)}


class BundleSource(Source):
    """A gateway with devices that nobody registered: each in three is of another kind."""

    level = "bundle"
    key_tags = ("device", "community", "area")
    measurements = tuple(f"device_{kind}" for kind in _KINDS)

    def __init__(self, identity: str, *, seed: int, community: str, devices: int = 6) -> None:
        super().__init__(identity, seed=seed)
        self._community = community
        self._devices = [f"{self.name}-{index}" for index in range(devices)]

    @property
    def condition(self) -> str:
        """By the first part of its devices' names."""
        return f"device =~ /^{self.name}-/"

    def _reports(self, number: int) -> Iterator[tuple[str, str, Fields]]:
        dice = self._dice(number)
        for index, device in enumerate(self._devices):
            kind = _KINDS[index % len(_KINDS)]
            yield device, kind, _values(kind, dice)

    def payload(self, number: int) -> bytes:
        """All devices in one bundle."""
        reports = [
            {
                "community": self._community,
                "device": device,
                "ts": self.times_ms[number],
                "kind": kind,
                "values": values,
            }
            for device, kind, values in self._reports(number)
        ]
        return json.dumps({"seq": number, "reports": reports}).encode()

    def expected(self, number: int) -> list[Expected]:
        """One point a device."""
        by_measurement: dict[str, dict[Key, Fields]] = {}
        for device, kind, values in self._reports(number):
            points = by_measurement.setdefault(f"device_{kind}", {})
            points[device, self._community, self.area] = values
        return [Expected(name, points) for name, points in by_measurement.items()]

    def entry(self, number: int, key: Key) -> bytes:
        """By device and instant."""
        return entry_name(key[0], self.times_ms[number])


def entry_name(device: str, ts_ms: int) -> bytes:
    """How the account names a dead entry of a bundle."""
    return f"{device} at {ts_ms}".encode()


class DeviceSource(Source):
    """A device that connects by itself."""

    level = "telemetry"
    key_tags = ("device", "community", "area")
    measurements = ("device_smoke_detector",)

    @property
    def condition(self) -> str:
        """By device."""
        return f"device = '{self.name}'"

    def payload(self, number: int) -> bytes:
        """One report."""
        values = _values("smoke_detector", self._dice(number))
        report = {"ts": self.times_ms[number], "seq": number, "kind": "smoke_detector"}
        return json.dumps(report | {"values": values}).encode()

    def expected(self, number: int) -> list[Expected]:
        """One point."""
        community = self.identity.split("/")[2]
        key = (self.name, community, self.area)
        values = _values("smoke_detector", self._dice(number))
        return [Expected("device_smoke_detector", {key: values})]
