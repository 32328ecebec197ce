"""SNMP tables of PON ports as Huawei, ZTE and FiberHome lay them out: objects, units, sentinels.

It knows nothing of how they are read. Sources: HUAWEI-XPON-MIB, ZTE-AN-OPTICAL-MODULE-MIB,
GEPON-OLT-COMMON-MIB, RFC 2863; index formulas of public pollers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from gigacity_contract.errors import ConfigError
from gigacity_contract.payloads import Port

Oid = tuple[int, ...]
Value = int | str
"""Texts are octet strings, counters Counter64, other numbers Integer32."""
Reading = Callable[[Port], Value]

QUERY_FAILED = 2147483647
"""Huawei, where it has no value."""
NO_SIGNAL = -80000
"""ZTE, of power."""


class Counter(int):
    """A number that only grows, of 64 bits."""


class OnuStates(NamedTuple):
    """How one vendor shows what its ONUs do, and why those went that are not there."""

    columns: tuple[str, ...]
    online: tuple[int, ...]
    """Values of the columns; of one that left with a dying gasp, without light, or silently."""
    without_power: tuple[int, ...]
    without_light: tuple[int, ...]
    silent: tuple[int, ...]
    first: int = 0
    shift: int = 0
    """Where an ONU's number stands in the one index of port and ONU; 0: it is an index behind."""

    def rows(self, port: Port) -> Iterator[tuple[int, ...]]:
        """Of each ONU, by number."""
        counts = (port.onu_online or 0, port.onu_off_power or 0, port.onu_off_los or 0)
        for state, count in zip(self[1:4], counts, strict=True):
            yield from [state] * count
        yield from [self.silent] * max(0, (port.onu_total or 0) - sum(counts))


class VendorTables(NamedTuple):
    """How one vendor shows its ports."""

    index_of: Callable[[int, int], int]
    """Of slot and port."""
    columns: Mapping[str, Reading]
    """By the OID of the column."""
    uplink: tuple[int, str]
    """Index and name of an interface that is no PON port."""
    first_port: int = 0
    onus: OnuStates | None = None


def _state(text: str) -> int:
    return 1 if text == "up" else 2


def _times(name: str, factor: float, missing: int) -> Reading:
    def reading(port: Port) -> int:
        value = getattr(port, name)
        return missing if value is None else round(value * factor)

    return reading


def _octets(name: str) -> Reading:
    return lambda port: Counter(getattr(port, name) or 0)


def _name(pattern: str) -> Reading:
    return lambda port: pattern.format(slot=port.slot, port=port.port)


_IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
_IF: Mapping[str, Reading] = {
    "1.3.6.1.2.1.2.2.1.7": lambda port: _state(port.admin),
    "1.3.6.1.2.1.2.2.1.8": lambda port: _state(port.oper),
}
_XPON = "1.3.6.1.4.1.2011.6.128.1.1"
_XPON_TYPES = {
    "gpon": 2, "epon": 3, "10g-epon": 4, "xg-pon": 5, "epon+gpon": 8, "xgs-pon": 9,
    "gpon+xg-pon": 10, "gpon+xgs-pon": 11, "ng-pon2": 15,
}  # fmt: skip
_ZTE = "1.3.6.1.4.1.3902.1082.30.40.2.4.1"
_FIBERHOME = "1.3.6.1.4.1.5875.800.3.9.3.4.1"


def _huawei() -> VendorTables:
    columns: dict[str, Reading] = {
        **_IF,
        _IF_NAME: _name("GPON 0/{slot}/{port}"),
        f"{_XPON}.2.22.1.27": lambda port: _XPON_TYPES.get(str(port.tech), 1),
        f"{_XPON}.2.23.1.1": _times("temp_c", 1, QUERY_FAILED),
        f"{_XPON}.2.23.1.2": _times("volt_v", 100, QUERY_FAILED),
        f"{_XPON}.2.23.1.3": _times("bias_ma", 1, QUERY_FAILED),
        f"{_XPON}.2.23.1.4": _times("tx_dbm", 100, QUERY_FAILED),
        f"{_XPON}.2.23.1.5": _times("rx_dbm", 100, QUERY_FAILED),
        f"{_XPON}.2.21.1.16": _times("onu_total", 1, -1),
        f"{_XPON}.4.21.1.15": _octets("rx_bytes"),
        f"{_XPON}.4.21.1.30": _octets("tx_bytes"),
    }
    return VendorTables(
        lambda slot, port: 0xFA000000 + slot * 0x2000 + port * 0x100,
        columns,
        (0x0E000000, "ethernet0/9/0"),
        onus=OnuStates(
            (f"{_XPON}.2.46.1.15", f"{_XPON}.2.46.1.24"), (1, -1), (2, 13), (2, 1), (2, -1)
        ),
    )


def _zte(name: str, uplink: str) -> VendorTables:
    columns: dict[str, Reading] = {
        **_IF,
        _IF_NAME: _name(name),
        f"{_ZTE}.2": _times("rx_dbm", 1000, NO_SIGNAL),
        f"{_ZTE}.3": _times("tx_dbm", 1000, NO_SIGNAL),
        f"{_ZTE}.5": _times("bias_ma", 1000, QUERY_FAILED),
        f"{_ZTE}.6": _times("volt_v", 1000, QUERY_FAILED),
        f"{_ZTE}.8": _times("temp_c", 1000, QUERY_FAILED),
        "1.3.6.1.2.1.31.1.1.1.6": _octets("rx_bytes"),
        "1.3.6.1.2.1.31.1.1.1.10": _octets("tx_bytes"),
    }
    onus = OnuStates(("1.3.6.1.4.1.3902.1082.500.10.2.3.8.1.4",), (4,), (5,), (2,), (7,), 1)
    return VendorTables(
        lambda slot, port: 0x11010000 + slot * 256 + port, columns, (0x11011401, uplink), 1, onus
    )


def _fiberhome() -> VendorTables:
    columns: dict[str, Reading] = {
        f"{_FIBERHOME}.2": _name("PON {slot}/{port}"),
        f"{_FIBERHOME}.4": lambda port: int(port.admin == "up"),
        f"{_FIBERHOME}.5": lambda port: int(port.oper == "up"),
        f"{_FIBERHOME}.8": _times("tx_dbm", 100, 0),
        f"{_FIBERHOME}.9": _times("volt_v", 100, 0),
        f"{_FIBERHOME}.10": _times("bias_ma", 100, 0),
        f"{_FIBERHOME}.11": _times("temp_c", 100, 0),
        f"{_FIBERHOME}.12": _times("onu_total", 1, 0),
    }
    onus = OnuStates(("1.3.6.1.4.1.5875.800.3.10.1.1.11",), (1,), (2,), (0,), (3,), 1, 8)
    return VendorTables(lambda slot, port: (slot << 25) + (port << 19), columns, (0, ""), onus=onus)


VENDORS: Mapping[str, VendorTables] = MappingProxyType(
    {
        "huawei-ma5800": _huawei(),
        "zte-c300": _zte("gpon-olt_1/{slot}/{port}", "xgei_1/20/1"),
        "zte-c600": _zte("gpon_olt-1/{slot}/{port}", "xgei-1/20/1"),
        "fiberhome-an5516": _fiberhome(),
    }
)
"""By the name of the equipment."""


def objects_of(tables: VendorTables, ports: Iterable[Port]) -> dict[Oid, Value]:
    """Every object of these ports, and of an uplink.

    Raises:
        ConfigError: the vendor's equipment cannot have such a port.
    """
    found: dict[Oid, Value] = {}
    for port in ports:
        if port.port < tables.first_port:
            raise ConfigError(
                f"port {port.slot}/{port.port}: this equipment counts from {tables.first_port}"
            )
        index = tables.index_of(port.slot, port.port)
        for column, reading in tables.columns.items():
            found[*_oid(column), index] = reading(port)
        if tables.onus is not None:
            found.update(_onu_objects(tables.onus, port, index))
    index, name = tables.uplink
    if name:
        found[*_oid(_IF_NAME), index] = name
        for column in _IF:
            found[*_oid(column), index] = 1
    return found


def _onu_objects(onus: OnuStates, port: Port, index: int) -> Iterator[tuple[Oid, Value]]:
    for number, states in enumerate(onus.rows(port), onus.first):
        place = (index + (number << onus.shift),) if onus.shift else (index, number)
        for column, state in zip(onus.columns, states, strict=True):
            yield (*_oid(column), *place), state


def _oid(text: str) -> Oid:
    return tuple(map(int, text.split(".")))
