"""Counts the rows of an OLT's table of ONUs by port, in Telegraf: a million rows stay there.

The script is Starlark, which reads as Python does; a port gets the counts of its own poll. Source
of the names: plugins/processors/starlark of Telegraf 1.39.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gigacity_ingest.presets.columns import Column

ONU = "onu"
"""Name of the table's metrics."""
_SCRIPT = """\
def apply(metric):
    index = metric.tags["index"].split(".")[0]
    if metric.name == "onu" and ONU_BITS:
        index = str(int(index) >> ONU_BITS << ONU_BITS)
    port = metric.tags["source"] + " " + index
    if metric.name != "onu":
        counts = state.pop(port, None)
        if counts != None:
            if COUNTS_ALL:
                metric.fields["onusSeen"] = counts["seen"]
            metric.fields["onusOnline"] = counts["online"]
            if POWER:
                metric.fields["onusWithoutPower"] = counts["power"]
            if LIGHT:
                metric.fields["onusWithoutLight"] = counts["light"]
        return metric
    counts = state.get(port)
    if counts == None or counts["time"] != metric.time:
        counts = {"time": metric.time, "seen": 0, "online": 0, "power": 0, "light": 0}
        state[port] = counts
    counts["seen"] += 1
    now = metric.fields.get("onuState")
    cause = metric.fields.get("onuCause", now)
    if now == ONLINE:
        counts["online"] += 1
    elif cause in POWER:
        counts["power"] += 1
    elif cause in LIGHT:
        counts["light"] += 1
    return None
"""
_SAID = "counted by port from the rows of the table of ONUs"


@dataclass(frozen=True, slots=True)
class OnuTable:
    """How a vendor shows its ONUs: index of the port, then of the ONU, or one index of both.

    Args:
        state: column of what an ONU does now.
        online: its value of one that is there.
        without_power: values of one that left with a dying gasp, in ``cause`` if there is one;
            empty: the vendor does not say, so nothing is counted.
        without_light: values of one whose signal was lost, likewise.
        cause: column of why an ONU went last, where it is another one.
        is_total: the port's own columns do not say how many ONUs it has; its rows do.
        onu_bits: low bits of the index that say which ONU it is, and 0 in that of its port; 0: the
            ONU has an index of its own behind the port's.
    """

    state: Column
    online: int
    without_power: tuple[int, ...]
    without_light: tuple[int, ...]
    cause: Column | None = None
    is_total: bool = False
    onu_bits: int = 0

    @property
    def index_pattern(self) -> str:
        """What the indices of its rows are like, for Telegraf's ``tagpass``."""
        return "*" if self.onu_bits else "*.*"

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is polled."""
        return (self.state,) if self.cause is None else (self.state, self.cause)

    @property
    def counted(self) -> tuple[Column, ...]:
        """What a port gets; no OID, since nobody polls it."""
        found = [Column("onusOnline", "", _SAID, "onu_online")]
        if self.without_power:
            said = f"{_SAID}: a dying gasp was heard"
            found.append(Column("onusWithoutPower", "", said, "onu_off_power"))
        if self.without_light:
            said = f"{_SAID}: their signal was lost"
            found.append(Column("onusWithoutLight", "", said, "onu_off_los"))
        if self.is_total:
            found.append(Column("onusSeen", "", _SAID, "onu_total"))
        return tuple(found)


def counting_script(table: OnuTable) -> str:
    """What Telegraf runs for every row."""
    constants = (
        "state = {}",
        f"COUNTS_ALL = {table.is_total}",
        f"ONLINE = {table.online}",
        f"POWER = {list(table.without_power)}",
        f"LIGHT = {list(table.without_light)}",
        f"ONU_BITS = {table.onu_bits}",
    )
    return "\n".join((*constants, "", _SCRIPT))


def counting_processor(table: OnuTable) -> Iterator[str]:
    """Lines of the configuration."""
    yield "[[processors.starlark]]"
    yield "  source = '''"
    yield from counting_script(table).splitlines()
    yield "'''"
    yield ""
