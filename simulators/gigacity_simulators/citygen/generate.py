"""Generates all files of a city in memory; writing and comparing are the command's."""

from collections.abc import Callable

from gigacity_city import files
from gigacity_simulators.citygen import tables
from gigacity_simulators.citygen.access import build_olts
from gigacity_simulators.citygen.communities import build_communities
from gigacity_simulators.citygen.equipment import build_equipment
from gigacity_simulators.citygen.outline import derive_outline
from gigacity_simulators.citygen.profile import CityProfile

Progress = Callable[[str], None]
"""Called with the name of each file when it is made."""


def generate(
    profile: CityProfile,
    *,
    seed: int,
    base_text: str,
    base_name: str,
    progress: Progress = lambda _name: None,
) -> dict[str, str]:
    """Every file of the city by name: the same for the same profile, seed and base."""
    communities = build_communities(profile, seed)
    plans = build_olts(profile, communities, seed)
    equipment = build_equipment(profile, communities, seed)
    parts: dict[str, Callable[[], str]] = {
        files.OUTLINE: lambda: derive_outline(base_text, base_name, profile),
        files.COMMUNITIES: lambda: tables.communities(communities, equipment.key_positions),
        files.BUILDINGS: lambda: tables.buildings(communities),
        files.OLTS: lambda: tables.olts(plans),
        files.PORTS: lambda: tables.ports(plans),
        files.COVERAGE: lambda: tables.coverage(plans),
        files.GATEWAYS: lambda: tables.gateways(equipment),
        files.DEVICES: lambda: tables.devices(equipment),
    }
    made: dict[str, str] = {}
    for name, make in parts.items():
        made[name] = make()
        progress(name)
    return made
