"""Every format that simulated publishers speak, by the name of its decoder."""

from collections.abc import Mapping
from types import MappingProxyType

from gigacity_contract.errors import ConfigError
from gigacity_simulators.foreign import (
    gateways,
    kura,
    lorawan,
    olts,
    own_devices,
    sparkplug,
    thing_models,
)
from gigacity_simulators.foreign.definition import ForeignFormat

NATIVE = "native"
ALL = "all"
FORMATS: Mapping[str, ForeignFormat] = MappingProxyType(
    {
        one.name: one
        for module in (olts, thing_models, gateways, lorawan, sparkplug, kura, own_devices)
        for one in module.FORMATS
    }
)


def formats_named(text: str) -> list[str]:
    """The names of a list with commas; ``all`` stands for every one, and native among them.

    Raises:
        ConfigError: one is not known.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == [ALL]:
        return [*FORMATS, NATIVE]
    for name in names:
        if name != NATIVE and name not in FORMATS:
            known = ", ".join([ALL, NATIVE, *FORMATS])
            raise ConfigError(f"GIGACITY_SIMULATE_FORMATS: {name!r} is none of {known}")
    return names
