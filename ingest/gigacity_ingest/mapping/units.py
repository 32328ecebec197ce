"""Units that field hardware writes, and what makes them the unit of a field: a small table.

Exact fractions: a reading that is scaled by 0.1 is divided by 10, so that 235 becomes 23.5.
"""

from fractions import Fraction
from types import MappingProxyType

from gigacity_contract.fields import FieldSpec

Conversion = tuple[Fraction, Fraction]
"""Factor and offset: field = property * factor + offset."""

_SAME = (1, 0)
_Rows = dict[str, tuple[str | int | Fraction, str | int | Fraction]]


def _prefixed(unit: str, *, up_to: int = 0, micro: bool = False) -> _Rows:
    """A unit with its decimal prefixes."""
    rows: _Rows = {unit: _SAME, f"m{unit}": (Fraction(1, 1000), 0)}
    if micro:
        rows |= {f"{sign}{unit}": (Fraction(1, 10**6), 0) for sign in "uµ"}
    for power, prefix in enumerate("kMG"[:up_to], start=1):
        rows[f"{prefix}{unit}"] = (1000**power, 0)
    return rows


def _per(rows: _Rows, divisor: int) -> _Rows:
    return {name: (Fraction(factor) / divisor, offset) for name, (factor, offset) in rows.items()}


_WATT = _prefixed("W", up_to=2)
_AMPERE = _prefixed("A", micro=True)
_BIT_RATES: _Rows = {
    "bit/s": _SAME, "bps": _SAME, "B/s": (8, 0), "kB/s": (8000, 0), "MB/s": (8_000_000, 0),
    **{f"{p}{u}": (1000**n, 0) for n, p in enumerate("kMG", 1) for u in ("bit/s", "bps")},
}  # fmt: skip
_TABLE: dict[str, _Rows] = {
    "dBm": {"dBm": _SAME, "dBmW": _SAME},
    "°C": {
        "°C": _SAME, "℃": _SAME, "Cel": _SAME, "C": _SAME, "degC": _SAME, "K": (1, "-273.15"),
        "°F": (Fraction(5, 9), Fraction(-160, 9)), "F": (Fraction(5, 9), Fraction(-160, 9)),
        "degF": (Fraction(5, 9), Fraction(-160, 9)),
    },
    "V": _prefixed("V", up_to=1),
    "A": _AMPERE,
    "mA": {name: (Fraction(factor) * 1000, 0) for name, (factor, _) in _AMPERE.items()},
    "W": _WATT,
    "kW": _per(_WATT, 1000),
    "kWh": {
        "kWh": _SAME, "Wh": (Fraction(1, 1000), 0), "MWh": (1000, 0),
        "J": (Fraction(1, 3_600_000), 0), "kJ": (Fraction(1, 3600), 0),
        "MJ": (Fraction(10, 36), 0), "GJ": (Fraction(10_000, 36), 0), "度": _SAME,
    },
    "m³": {
        "m³": _SAME, "m3": _SAME, "L": (Fraction(1, 1000), 0), "l": (Fraction(1, 1000), 0),
        "dm3": (Fraction(1, 1000), 0), "mL": (Fraction(1, 10**6), 0), "吨": _SAME,
    },
    "m³/h": {
        "m³/h": _SAME, "m3/h": _SAME, "L/h": (Fraction(1, 1000), 0), "l/h": (Fraction(1, 1000), 0),
        "L/min": (Fraction(6, 100), 0), "L/s": (Fraction(36, 10), 0), "m3/s": (3600, 0),
        "m3/min": (60, 0),
    },
    "%": {"%": _SAME, "%RH": _SAME, "percent": _SAME, "1": (100, 0), "/": (100, 0),
          "‰": (Fraction(1, 10), 0)},
    "%/m": {"%/m": _SAME},
    "cm": {"cm": _SAME, "mm": (Fraction(1, 10), 0), "m": (100, 0), "in": (Fraction(254, 100), 0)},
    "°": {"°": _SAME, "deg": _SAME, "rad": ("57.29577951308232", 0)},
    "µg/m³": {
        **dict.fromkeys(("µg/m³", "μg/m³", "ug/m3", "µg/m3", "μg/m3", "ug/m³"), _SAME),
        "mg/m3": (1000, 0), "mg/m³": (1000, 0),
    },
    "ppm": {"ppm": _SAME, "ppb": (Fraction(1, 1000), 0), "%": (10_000, 0)},
    "dB(A)": {"dB(A)": _SAME, "dBA": _SAME, "dB": _SAME},
    "bit/s": _BIT_RATES,
    "kbit/s": _per(_BIT_RATES, 1000),
    "B": {
        "B": _SAME, "byte": _SAME, "octet": _SAME, "bit": (Fraction(1, 8), 0), "kB": (1000, 0),
        "MB": (10**6, 0), "GB": (10**9, 0), "KiB": (1024, 0), "MiB": (1024**2, 0),
        "GiB": (1024**3, 0),
    },
    "1": {"1": _SAME},
}  # fmt: skip

UNITS: MappingProxyType[str, MappingProxyType[str, Conversion]] = MappingProxyType(
    {
        unit: MappingProxyType(
            {name: (Fraction(factor), Fraction(offset)) for name, (factor, offset) in rows.items()}
        )
        for unit, rows in _TABLE.items()
    }
)
"""By the unit of a field: what a property may be written in."""


def conversion_to(field: FieldSpec, unit: str) -> Conversion:
    """From a unit to a field's.

    Raises:
        ValueError: the field has no unit, or this one cannot become it; names those that can.
    """
    known = UNITS.get(field.unit)
    if known is None:
        raise ValueError(f"has no place here: {field.name} has no unit; leave it out")
    if unit not in known:
        raise ValueError(
            f"cannot become {field.unit}, the unit of {field.name}; known are {', '.join(known)}"
        )
    return known[unit]
