"""The field during a fault: publishers that report without pause and give nothing up."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

from gigacity_contract.clock import SystemClock
from tests.faults.loop import LoopThread
from tests.support.accounting import BundleSource, DeviceSource, PonSource, Source
from tests.support.accounting_publisher import Publisher, Tally
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, ZONE
from tests.support.processes import Broker


def mixed_sources(name: str, *, seed: int, olts: int, gateways: int, devices: int) -> list[Source]:
    """Line terminals, gateways and single devices, in all areas of the test city."""
    areas = (AREA_A, AREA_B, ZONE)
    found: list[Source] = [
        PonSource(f"{areas[i % 3]}/olt/{name}-olt-{i}", seed=seed) for i in range(olts)
    ]
    found += [
        BundleSource(f"{AREA_A}/gateway/{name}-gw-{i}", seed=seed, community=COMMUNITY_A)
        for i in range(gateways)
    ]
    return found + lone_devices(name, seed=seed, count=devices)


def lone_devices(name: str, *, seed: int, count: int) -> list[Source]:
    """Devices that connect by themselves."""
    path = f"{AREA_A}/community/{COMMUNITY_A}/{name}"
    return [DeviceSource(f"{path}-{i}", seed=seed) for i in range(count)]


class Load:
    """Publishers of some sources.

    Args:
        sources: one publisher each.
        broker: where they are made known.
        loop: where they live.
        every_s: between two reports of one; 0: one report a connection.
        behind_ms: so much their clocks are behind.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        broker: Broker,
        loop: LoopThread,
        every_s: float,
        behind_ms: int = 0,
    ) -> None:
        self.sources = sources
        self.tally = Tally()
        self._loop = loop
        passwords = {s.identity: broker.password_of(s.identity) for s in sources}
        broker.add_users(passwords)
        self.publishers = loop.run(self._build(broker.port, passwords, every_s, behind_ms))
        self._runs: list[Future[None]] = [
            asyncio.run_coroutine_threadsafe(p.run(), loop.loop) for p in self.publishers
        ]

    async def _build(
        self, port: int, passwords: Mapping[str, str], every_s: float, behind_ms: int
    ) -> list[Publisher]:
        clock = SystemClock()
        return [
            Publisher(
                source,
                password=passwords[source.identity],
                port=port,
                tally=self.tally,
                now_ms=lambda: clock.now_ms() - behind_ms,
                every_s=every_s,
            )
            for source in self.sources
        ]

    def wait_connected(self, timeout_s: float = 60.0) -> None:
        """Until all are connected at once."""

        async def all_up() -> None:
            await asyncio.gather(*(p.is_up.wait() for p in self.publishers))

        self._loop.run(all_up(), timeout_s=timeout_s)

    def abort_all(self) -> None:
        """Drop every connection in one instant; all come back by themselves."""
        self._loop.call_each(p.abort for p in self.publishers)

    def finish(self, timeout_s: float = 120.0) -> None:
        """Let every publisher end once all its reports are acknowledged."""
        self._loop.call_each(p.finish for p in self.publishers)
        for run in self._runs:
            run.result(timeout_s)
