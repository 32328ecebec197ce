"""The command ``simulate-olt``: one OLT of a city that speaks SNMP and nothing else."""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gigacity_contract.errors import ConfigError
from gigacity_contract.process.options import options_of, setting

if TYPE_CHECKING:
    from gigacity_simulators.snmp.field_olt import FieldOlt
    from gigacity_simulators.snmp.tables import Oid, Value

EPILOG = (
    "Example: gigacity simulate-olt --equipment huawei-ma5800 --olt olt-371602-1"
    " --city deploy/city/binzhou-demo --listen 127.0.0.1:1161"
)


@dataclass(frozen=True, kw_only=True)
class SimulateOltSettings:
    """What ``gigacity simulate-olt`` may be told."""

    equipment: str = setting(
        "huawei-ma5800",
        variable="GIGACITY_SIMULATE_*",
        meaning="`huawei-ma5800`, `zte-c300`, `zte-c600` or `fiberhome-an5516`",
    )
    olt: str = setting("", variable="GIGACITY_SIMULATE_*", meaning="id of the OLT in the city file")
    city: Path = setting(Path("deploy/city/binzhou-demo"), meaning="folder of the city file")
    listen: str = setting(
        "127.0.0.1:1161",
        variable="GIGACITY_SIMULATE_SNMP_*",
        meaning="`host:port` on which it answers, by UDP",
    )
    community: str = setting(
        "public",
        variable="GIGACITY_SIMULATE_SNMP_*",
        meaning="SNMP community that may read; nothing can be written",
    )
    seed: int = setting(
        1,
        variable="GIGACITY_SIMULATE_*",
        meaning="seed of the simulated ports; the same seed gives the same data",
    )


@options_of(SimulateOltSettings)
def simulate_olt(given: SimulateOltSettings) -> None:
    """Simulate an OLT that is polled by SNMP: the ports of one OLT in the vendor's own tables.

    States are those with which `gigacity simulate` of the same seed begins. Ends at SIGTERM or
    Ctrl-C.
    """
    from gigacity_city.load import load_city  # noqa: PLC0415 - keeps --help quick
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415
    from gigacity_simulators.snmp.field_olt import FieldOlt  # noqa: PLC0415
    from gigacity_simulators.snmp.tables import VENDORS, objects_of  # noqa: PLC0415

    if given.equipment not in VENDORS:
        raise ConfigError(f"--equipment {given.equipment}: known are {', '.join(VENDORS)}")
    host, _, port = given.listen.rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigError(f"--listen {given.listen}: write host:port, such as 127.0.0.1:1161")
    olt = FieldOlt(load_city(given.city), given.olt, seed=given.seed)
    clock = SystemClock()
    tables = VENDORS[given.equipment]

    def sample() -> "Mapping[Oid, Value]":
        return objects_of(tables, olt.ports(clock.now_ms()))

    sample()  # What the equipment cannot have is said now.
    asyncio.run(_serve(given, olt, sample, (host, int(port))))


async def _serve(
    given: SimulateOltSettings,
    olt: "FieldOlt",
    sample: "Callable[[], Mapping[Oid, Value]]",
    address: tuple[str, int],
) -> None:
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415 - keeps --help quick
    from gigacity_simulators.snmp.agent import SnmpAgent  # noqa: PLC0415

    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    sys.stderr.write(f"{given.equipment}: {len(olt)} ports of {given.olt} at {given.listen}\n")
    try:
        await SnmpAgent(sample, given.community, SystemClock()).serve(*address, ended)
    except OSError as error:
        raise ConfigError(f"--listen {given.listen}: {error.strerror or error}") from error
