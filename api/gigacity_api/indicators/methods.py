"""Which method a figure was made with: the definition's version, and the numbers it took.

A figure names its definition's ``method_version`` and the city version; that city file, which is
kept for ever, has every number. ``method_of`` makes one word of both, which changes when a formula
or one of its numbers does, and not when the city merely has another building. Old figures keep the
word that their own city version gives.
"""

import hashlib
import json

from gigacity_api.indicators.definitions import Definition, Indicator
from gigacity_api.indicators.entries import Used
from gigacity_city.model import City


def used_by(city: City, indicator: Indicator) -> tuple[Used, ...]:
    """Everything of the city file that a formula uses, its registered objects apart."""
    parameters = city.parameter_by_name
    named = [
        Used(name, parameters[name].value, parameters[name].source)
        for name in indicator.parameters
        if name in parameters
    ]
    if not isinstance(indicator, Definition):
        return tuple(named)
    items = indicator.thresholds(city)
    return (
        *named,
        *indicator.rules_of_city(city),
        *(Used(f"threshold.{item.id}", item.threshold, item.reference) for item in items),
        *(Used(f"window_ms.{k}", ms, None) for k, ms in indicator.windows_ms(city).items()),
    )


def method_of(city: City, indicator: Indicator) -> str:
    """Version of the formula, and a hash over the numbers it uses: ``1-3f9a02c4``."""
    used = [[one.name, one.value] for one in used_by(city, indicator)]
    digest = hashlib.sha256(json.dumps(used, sort_keys=True).encode()).hexdigest()
    return f"{indicator.method_version}-{digest[:8]}"
