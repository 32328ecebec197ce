"""Reads who has to do with a source: the worker that reads it, and who may publish it."""

import re
from collections.abc import Sequence

from gigacity_contract.identifiers import is_area
from gigacity_ingest.mapping.keys import section_of
from gigacity_ingest.mapping.nodes import Place
from gigacity_ingest.mapping.sources import SourceOwner, SourcePublishers
from gigacity_ingest.mapping.topic_filters import TopicFilter

MAX_USERS = 1000
_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}")


def read_owner(place: Place) -> SourceOwner:
    """The worker that reads a source.

    Raises:
        PlaceError: it is none, or more than one.
    """
    given = section_of(place, "owner")
    if len(given) != 1:
        raise place.error("names areas or a worker: one of them, since nobody else reads it")
    if "worker" in given:
        return SourceOwner(worker=given["worker"].text())
    places = given["areas"].one_or_more()
    areas = tuple(dict.fromkeys(one.text() for one in places))
    for area, one in zip(areas, places, strict=False):
        if not is_area(area):
            raise one.error(f"{area!r} is not a 6-digit area code")
    if not areas:
        raise given["areas"].error("names no area")
    return SourceOwner(areas=areas)


def read_publishers(place: Place, topics: Sequence[TopicFilter]) -> SourcePublishers:
    """Who may write a source's topics.

    Raises:
        PlaceError: no user name can be made of it.
    """
    given = section_of(place, "publishers")
    if not given:
        raise place.error("says nothing: name levels of the topics, or users")
    levels: tuple[str, ...] = ()
    if "levels" in given:
        levels = tuple(one.text() for one in given["levels"].one_or_more())
        _check_levels(given["levels"], levels, topics)
    users: list[str] = []
    if "users" in given:
        places = given["users"].one_or_more()
        if len(places) > MAX_USERS:
            raise given["users"].error(f"has {len(places)} users, at most {MAX_USERS}")
        for one in places:
            user = one.text()
            if not _USER.fullmatch(user):
                raise one.error(f"{user!r} is no user name: letters, digits, '.', '_', '-', '/'")
            users.append(user)
    return SourcePublishers(levels, tuple(dict.fromkeys(users)))


def _check_levels(place: Place, names: tuple[str, ...], topics: Sequence[TopicFilter]) -> None:
    """Named levels, side by side in this order, of each topic."""
    if not names:
        raise place.error("names no level")
    for topic in topics:
        place_of = {name: number for number, name in topic.names}
        missing = next((name for name in names if name not in place_of), None)
        if missing is not None:
            raise place.error(
                f"{missing!r} is no named level of {topic.text!r}; write {{{missing}}} in its place"
            )
        places = [place_of[name] for name in names]
        if places != list(range(places[0], places[0] + len(places))):
            raise place.error(f"{', '.join(names)} do not stand side by side in {topic.text!r}")
