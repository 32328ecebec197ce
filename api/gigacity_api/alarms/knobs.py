"""Numbers of the alarm engine: the city's parameter where it sets one, else the default."""

from gigacity_api.alarms.catalogue import KNOBS
from gigacity_api.indicators.inventory import Inventory


def knob(inventory: Inventory, parameter: str) -> float:
    """The number in force."""
    found = inventory.parameter(parameter)
    return KNOBS[parameter].default if found is None else found
