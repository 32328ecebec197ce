"""Finds what is registered by a part of its name, code or id. Pure.

Areas, communities and OLTs are compared one by one. Devices, of which there are hundreds of
thousands, are found by their whole id, alone or after their community's code.
"""

from collections.abc import Iterator
from typing import NamedTuple

from gigacity_api.indicators.inventory import Inventory
from gigacity_city.model import Name


class Match(NamedTuple):
    """Something that was found."""

    kind: str
    id: str
    name: Name | None
    area: str
    community: str | None
    href: str
    texts: tuple[str, ...]
    """What it is found by."""


def search(inventory: Inventory, wanted: str) -> list[Match]:
    """Everything that matches: first what is so called, then what begins so, then the rest."""
    text = wanted.strip().casefold()
    found: list[tuple[int, int, Match]] = []
    for number, match in enumerate(_candidates(inventory, text)):
        ranks = [_rank(each.casefold(), text) for each in match.texts]
        known = [rank for rank in ranks if rank is not None]
        if known:
            found.append((min(known), number, match))
    return [match for *_, match in sorted(found, key=lambda each: each[:2])]


def _rank(text: str, wanted: str) -> int | None:
    if text == wanted:
        return 0
    if text.startswith(wanted):
        return 1
    return 2 if wanted in text else None


def _candidates(inventory: Inventory, text: str) -> Iterator[Match]:
    city = inventory.city
    for area in city.areas:
        texts = (area.code, area.name.zh, area.name.en, *area.retired)
        yield Match("area", area.code, area.name, area.code, None, f"areas/{area.code}", texts)
    for community in city.communities:
        code, name = community.code, community.name
        yield Match(
            "community", code, Name(name, ""), community.area, None, f"communities/{code}",
            (code, name),
        )  # fmt: skip
    for olt in city.olts:
        yield Match("olt", olt.id, None, olt.area, None, f"olts/{olt.id}", (olt.id,))
    yield from _devices(inventory, text)


def _devices(inventory: Inventory, text: str) -> Iterator[Match]:
    code, _, device = text.rpartition("/")
    for community in [code] if code else list(inventory.device_of_tags):
        if device in inventory.device_of_tags.get(community, ()):
            area = inventory.city.community_by_code[community].area
            href = f"devices/{community}/{device}"
            yield Match("device", device, None, area, community, href, (device, text))
