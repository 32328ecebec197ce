"""The model of every device kind: the function of its name, in whichever module of this folder."""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Final

from gigacity_contract.kinds import CATALOGUE, Values
from gigacity_simulators import models
from gigacity_simulators.models.condition import ALARM, SOUND

DeviceModel = Callable[[int, int, int], Values]
"""(key, virtual time in epoch ms, condition bits) -> values."""


def _found() -> dict[str, DeviceModel]:
    """By kind, in the order of the contract's catalogue; a test says which kind has none."""
    names = (module.name for module in iter_modules(models.__path__, f"{models.__name__}."))
    modules = [import_module(name) for name in names if name != __name__]
    return {
        kind: getattr(module, kind)
        for kind in CATALOGUE
        for module in modules
        if hasattr(module, kind)
    }


DEVICE_MODELS: Final[MappingProxyType[str, DeviceModel]] = MappingProxyType(_found())


_SOME_DAY_MS: Final = 1_795_492_800_000


def _shows_alarms(model: DeviceModel) -> bool:
    return model(1, _SOME_DAY_MS, ALARM) != model(1, _SOME_DAY_MS, SOUND)


ALARM_KINDS: Final = frozenset(k for k, model in DEVICE_MODELS.items() if _shows_alarms(model))
"""Kinds that raise events: their model shows ``condition.ALARM``, reported at once."""
