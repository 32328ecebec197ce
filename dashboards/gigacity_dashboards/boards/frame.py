"""What every board has in common: address, tags, clock, refresh, links, and marks on its charts."""

from collections.abc import Sequence
from typing import NamedTuple

from gigacity_city.model import Name
from gigacity_contract.local_time import TIME_ZONE
from gigacity_dashboards import house, sdk, texts
from gigacity_dashboards.addresses import uid_of
from gigacity_dashboards.annotations import marks
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.layout import Layout
from gigacity_dashboards.variables import Variable, page

TAG = "gigacity"


class BoardFrame(NamedTuple):
    """One board apart from its panels."""

    slug: str
    title: Name
    about: Name


def framed(
    frame: BoardFrame,
    layout: Layout,
    variables: Sequence[Variable],
    city: CityNames,
    words: BoardWords,
) -> sdk.models.Dashboard:
    """The finished board.

    Args:
        frame: what it is.
        layout: its panels, placed.
        variables: what can be chosen, in order.
        city: whose it is.
        words: its language.
    """
    builder = (
        sdk.dashboard.Dashboard(f"{words(city.name)} {words(frame.title)}")
        .uid(uid_of(frame.slug, words.language))
        .description(words(frame.about))
        .tags([TAG, words.language])
        .readonly()
        .timezone(TIME_ZONE)
        .week_start("monday")
        .time(house.TIME_RANGE, "now")
        .refresh(house.REFRESH)
        .tooltip(sdk.models.DashboardCursorSync.CROSSHAIR)
    )
    for variable in (*variables, page(words)):
        builder = builder.with_variable(variable)
    for mark in marks(words):
        builder = builder.annotation(mark)
    board = builder.build()
    board.panels = layout.panels
    board.links = [_other_boards(words)]
    return board


def _other_boards(words: BoardWords) -> sdk.models.DashboardLink:
    """Links to the project's boards of this language, as a menu: they are many."""
    link = sdk.models.DashboardLink(
        title=words(texts.OTHER_BOARDS),
        type_val=sdk.models.DashboardLinkType.DASHBOARDS,
        tags=[TAG, words.language],
        as_dropdown=True,
        keep_time=True,
        include_vars=True,
    )
    link.placement = ""
    return link
