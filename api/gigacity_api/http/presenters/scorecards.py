"""The scorecard of a publication, built once and served many times.

Building it takes milliseconds, and a dashboard asks for it every few seconds: the text is kept
until another evaluation, report or alarm comes. Only ``age_s`` differs from request to request.
"""

from collections.abc import Sequence

from gigacity_api.alarms.model import Alarm
from gigacity_api.evaluator.publication import Publication
from gigacity_api.http.presenters.alarms import alarm_counts
from gigacity_api.http.presenters.figures import definition_out, figure_out
from gigacity_api.http.presenters.reports import gap_item, reported_items
from gigacity_api.http.schemas.scorecard import CityOut, Scorecard, ScorecardItem
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.reports.declarations import Declarations


def build_scorecard(
    publication: Publication,
    declared: Declarations,
    alarms: Sequence[Alarm] = (),
    *,
    age_s: float,
) -> Scorecard:
    """Headline figures, what was reported beside them, and what is only reported."""
    city = publication.inventory.city
    headlines = (d for d in REGISTRY.values() if d.device_kind is None)
    found = (_item(publication, declared, definition) for definition in headlines)
    return Scorecard.of(
        publication,
        age_s=age_s,
        alarms=alarm_counts(alarms),
        city=CityOut.of(city, version=publication.city_version),
        items=[item for item in found if item is not None],
        reported=reported_items(publication, declared),
    )


def _item(
    publication: Publication, declared: Declarations, definition: Definition
) -> ScorecardItem | None:
    inventory = publication.inventory
    city = inventory.city
    whole = publication.by_key.get((definition.id, Level.CITY, city.code))
    if whole is None:
        return None
    places = ((definition.id, Level.AREA, code) for code in inventory.area_index)
    areas = [publication.by_key[place] for place in places if place in publication.by_key]
    report = declared.latest(definition.id, Level.CITY, city.code)
    beside = None if report is None else gap_item(publication, report)
    return ScorecardItem(
        definition=definition_out(city, definition),
        figure=figure_out(publication, whole),
        areas=[figure_out(publication, figure) for figure in areas],
        report=None if beside is None else beside.report,
        gap=None if beside is None else beside.gap,
    )


class ScorecardTexts:
    """The newest scorecard as JSON; used from the event loop alone."""

    def __init__(self) -> None:
        self._publication: Publication | None = None
        self._declared: Declarations | None = None
        self._alarms: tuple[Alarm, ...] | None = None
        self._rest = b""

    def json(
        self,
        publication: Publication,
        declared: Declarations,
        alarms: tuple[Alarm, ...] = (),
        *,
        age_s: float,
    ) -> bytes:
        """The scorecard's text."""
        known = (self._publication, self._declared, self._alarms)
        if any(a is not b for a, b in zip(known, (publication, declared, alarms), strict=True)):
            card = build_scorecard(publication, declared, alarms, age_s=age_s)
            text = card.model_dump_json(exclude={"age_s"}).encode()
            self._rest = text.removeprefix(b"{")
            self._publication, self._declared, self._alarms = publication, declared, alarms
        return b'{"age_s":%a,' % round(age_s, 3) + self._rest
