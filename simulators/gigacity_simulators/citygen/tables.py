"""The generated city as the texts of its CSV tables, ranges written as ranges."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from gigacity_simulators.citygen.access import OltPlan
from gigacity_simulators.citygen.communities import GeneratedCommunity
from gigacity_simulators.citygen.equipment import Equipment


def table(header: str, rows: Iterable[Sequence[object]]) -> str:
    """CSV text; no generated cell holds a comma, a quote or a line break."""
    lines = [header]
    lines.extend(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
    return "\n".join(lines) + "\n"


def communities(communities: list[GeneratedCommunity], key_positions: list[int | None]) -> str:
    """communities.csv."""
    return table(
        "code,name,area,urban_class,surface_m2,area_5g_m2,tv_households,key_positions",
        (
            (
                community.code,
                community.name,
                community.area,
                community.urban_class,
                community.surface_m2,
                community.area_5g_m2,
                community.tv_households,
                positions,
            )
            for community, positions in zip(communities, key_positions, strict=True)
        ),
    )


def buildings(communities: list[GeneratedCommunity]) -> str:
    """buildings.csv."""
    return table(
        "id,community,households",
        (
            (home.id, community.code, home.households)
            for community in communities
            for home in community.homes
        ),
    )


def olts(plans: list[OltPlan]) -> str:
    """olts.csv."""
    return table("id,area", ((plan.id, plan.area) for plan in plans))


def ports(plans: list[OltPlan]) -> str:
    """ports.csv: one row for neighbouring ports of one technology."""
    rows: list[tuple[object, ...]] = []
    for plan in plans:
        slots = list(plan.slots())
        for (slot, tech), group in groupby(slots, key=lambda s: (s[0], plan.techs[s[2]])):
            numbers = [port for _, port, _ in group]
            rows.append((plan.id, slot, span(numbers[0], numbers[-1]), tech))
    return table("olt,slot,port,tech", rows)


def coverage(plans: list[OltPlan]) -> str:
    """coverage.csv: one row for each port that passes a home."""
    rows: list[tuple[object, ...]] = []
    for plan in plans:
        for slot, port, index in plan.slots():
            if plan.passed[index]:
                rows.append((plan.id, slot, port, _homes(plan.passed[index])))
    return table("olt,slot,port,buildings", rows)


def gateways(equipment: Equipment) -> str:
    """gateways.csv."""
    return table("id,area", ((gateway.id, gateway.area) for gateway in equipment.gateways))


def devices(equipment: Equipment) -> str:
    """devices.csv."""
    return table(
        "community,kind,device,gateway",
        ((row.community, row.kind, row.device, row.gateway) for row in equipment.rows),
    )


def span(first: int, last: int) -> str:
    """``3`` or ``0..15``."""
    return str(first) if first == last else f"{first}..{last}"


def _homes(passed: list[tuple[str, int]]) -> str:
    """``c-{1..3} d-7``: runs of numbers within a community."""
    runs: list[tuple[str, int, int]] = []
    for community, number in passed:
        if runs and runs[-1][0] == community and runs[-1][2] == number - 1:
            runs[-1] = (community, runs[-1][1], number)
        else:
            runs.append((community, number, number))
    return " ".join(
        f"{community}-{first}" if first == last else f"{community}-{{{first}..{last}}}"
        for community, first, last in runs
    )
