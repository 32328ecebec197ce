"""Every page as HTML: what it shows, put into its template. Pure."""

from collections.abc import Sequence
from datetime import date

from gigacity_api.evaluator.lines import LogRow
from gigacity_api.indicators.definitions import Definition
from gigacity_api.site.figure_page import figure_page
from gigacity_api.site.home_page import home_page
from gigacity_api.site.place_pages import area_page, community_page
from gigacity_api.site.rendering import render
from gigacity_api.site.report_page import report_page
from gigacity_api.site.revisions_page import revisions_page
from gigacity_api.site.snapshot import SiteSnapshot
from gigacity_api.site.then_page import then_page
from gigacity_api.site.times import Month, day
from gigacity_api.site.words import Language, Words
from gigacity_contract.local_time import rfc3339


def home_html(language: Language, snapshot: SiteSnapshot, chosen: str = "") -> str:
    """The scorecard, with the map of a figure."""
    page = home_page(Words(language), snapshot, chosen)
    return render("home", language, "", snapshot, page=page)


def figure_html(language: Language, snapshot: SiteSnapshot, definition: Definition) -> str | None:
    """A figure of the city; None: there is none that is public."""
    figure = snapshot.of_city(definition)
    if figure is None:
        return None
    page = figure_page(Words(language), snapshot, definition, figure, "../")
    return render("figure", language, f"figures/{definition.id}", snapshot, page=page)


def area_html(language: Language, snapshot: SiteSnapshot, code: str) -> str | None:
    """An area; None: there is none that is public."""
    page = area_page(Words(language), snapshot, code)
    return (
        None
        if page is None
        else render("place", language, f"areas/{page.code}", snapshot, page=page)
    )


def community_html(language: Language, snapshot: SiteSnapshot, code: str) -> str | None:
    """A community; None: there is none that is public."""
    page = community_page(Words(language), snapshot, code)
    return (
        None
        if page is None
        else render("place", language, f"communities/{code}", snapshot, page=page)
    )


def report_html(language: Language, snapshot: SiteSnapshot, month: Month) -> str | None:
    """The report of a month; None: nothing is known of it."""
    page = report_page(Words(language), snapshot, month)
    return (
        None if page is None else render("report", language, f"report/{month}", snapshot, page=page)
    )


def methods_html(language: Language, snapshot: SiteSnapshot) -> str:
    """How everything is computed."""
    definitions = snapshot.scope.definitions()
    return render("methods", language, "methods", snapshot, definitions=definitions)


def data_html(language: Language, snapshot: SiteSnapshot) -> str:
    """What can be taken along."""
    definitions = [d for d in snapshot.scope.definitions() if snapshot.of_city(d) is not None]
    return render("data", language, "data", snapshot, definitions=definitions)


def then_html(
    language: Language,
    snapshot: SiteSnapshot,
    definition: Definition,
    rows: Sequence[LogRow],
    *,
    city_version: str = "",
    method_version: int | None = None,
) -> str:
    """A figure as it was published, at least once, of one instant."""
    page = then_page(
        Words(language), snapshot, definition, rows, city_version=city_version,
        method_version=method_version,
    )  # fmt: skip
    # The same page in the other language needs what the link named, too.
    more = f"?{page.query}" if page.query else ""
    path = f"figures/{definition.id}/at/{rfc3339(page.as_of_ms)}{more}"
    return render("then", language, path, snapshot, page=page)


def revisions_html(
    language: Language,
    snapshot: SiteSnapshot,
    definition: Definition,
    on: date,
    rows: Sequence[LogRow],
) -> str:
    """What was published again of a figure on a day."""
    today = date.fromisoformat(day(snapshot.now_ms or snapshot.publication.as_of_ms))
    page = revisions_page(Words(language), definition, on, today, rows)
    path = f"figures/{definition.id}/revisions/{page.day}"
    return render("revisions", language, path, snapshot, page=page)


def error_html(
    language: Language, depth: int, snapshot: SiteSnapshot | None, *, title: str, text: str
) -> str:
    """Why there is nothing to show.

    Args:
        language: of the words.
        depth: how many folders below the language it is shown.
        snapshot: what the frame says of the figures; None: nothing was evaluated.
        title: key of the catalogue.
        text: the same.
    """
    t = Words(language)
    return render(
        "error", language, "", snapshot, depth=depth, title=getattr(t, title),
        text=getattr(t, text),
    )  # fmt: skip
