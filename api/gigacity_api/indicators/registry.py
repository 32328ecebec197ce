"""Every indicator, in the order in which it is shown.

Found, not listed: each module under ``subjects`` that has ``INDICATORS``. ``REGISTRY`` is what the
evaluator computes, ``REPORTED`` what offices enter, ``INDICATORS`` both; ``REASONS`` is why.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import MappingProxyType

from gigacity_api.indicators import subjects
from gigacity_api.indicators.definitions import Definition, Indicator, Reported
from gigacity_api.indicators.rules import VerdictReason


def _found() -> Iterator[Indicator]:
    for module in walk_packages(subjects.__path__, f"{subjects.__name__}."):
        yield from getattr(import_module(module.name), "INDICATORS", ())


def _by_id() -> dict[str, Indicator]:
    """Every indicator.

    Raises:
        ValueError: two modules define the same id.
    """
    by_id: dict[str, Indicator] = {}
    for indicator in sorted(_found(), key=lambda indicator: indicator.order):
        if indicator.id in by_id:
            raise ValueError(f"the indicator {indicator.id} is defined twice; choose another id")
        by_id[indicator.id] = indicator
    return by_id


INDICATORS: MappingProxyType[str, Indicator] = MappingProxyType(_by_id())
"""All of them by id."""

REGISTRY: MappingProxyType[str, Definition] = MappingProxyType(
    {id_: found for id_, found in INDICATORS.items() if isinstance(found, Definition)}
)
"""Measured definitions by id."""

REPORTED: MappingProxyType[str, Reported] = MappingProxyType(
    {id_: found for id_, found in INDICATORS.items() if isinstance(found, Reported)}
)
"""Reported definitions by id."""

REASONS: MappingProxyType[str, VerdictReason] = MappingProxyType(
    {reason.slug: reason for found in REGISTRY.values() for reason in found.rule.reasons}
)
"""Why an object has its verdict, by slug."""
