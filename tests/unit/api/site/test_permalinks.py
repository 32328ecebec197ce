"""A permalink shows a figure as it was published, beside what is known today, and why."""

import re

from gigacity_api.evaluator.lines import FigureLines, Stamp
from gigacity_api.evaluator.publication import Publication
from gigacity_contract.local_time import rfc3339
from gigacity_contract.measurements import INDICATOR_LOG
from tests.unit.api.conftest import Running, T

NAME = "pon.ports_10g"


def publish(
    running: Running, publication: Publication, value: int, *, revision: int, **more: str
) -> None:
    """Write a publication of a figure into the log."""
    figure = publication.by_key[NAME, "city", "371600"]._replace(
        scope=more.get("scope", "city"), code=more.get("code", "371600"),
        value=value, known_in=value, numerator=value, lower=value, upper=value,
        known_out=24 - value, verdict="met" if value >= 15 else "missed",
    )  # fmt: skip
    stamp = Stamp(
        publication.as_of_ms, more.get("city", "v1"), revision,
        int(more["method"]) if "method" in more else None,
    )  # fmt: skip
    moment_ns = (publication.as_of_ms + 30_000 + revision * 3_600_000) * 1_000_000
    line = FigureLines().of(figure, stamp).log_line(moment_ns)
    running.store.write(INDICATOR_LOG, [line])


def shown(running: Running, more: str = "", language: str = "en") -> str:
    address = f"/{language}/figures/{NAME}/at/{rfc3339(T)}{more}"
    running.clock.wall_ms = T + 10 * 3_600_000
    answer = running.ask("GET", address)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


def test_what_still_holds_says_so(opened: Running) -> None:
    newest = opened.cache.newest()
    assert newest is not None
    publish(opened, newest, 14, revision=0)
    text = shown(opened)
    assert "What was published then still holds." in text
    assert "2027-01-15 16:00:00" in text
    assert text.count('<span class="number">14</span>') == 2
    assert '<span class="number">18</span>' in text, "the newest evaluation"
    assert "当时发布的数值" in shown(opened, language="zh")


def test_what_was_revised_shows_both_and_every_cause(opened: Running) -> None:
    newest = opened.cache.newest()
    assert newest is not None
    for revision, (value, more) in enumerate(
        [(12, {}), (14, {}), (14, {}), (15, {"city": "v2"}), (17, {"city": "v2", "method": "9"})]
    ):
        publish(opened, newest, value, revision=revision, **more)
    text = shown(opened)
    rows = text.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    causes = [row.rsplit("<td>", 1)[1].split("<")[0] for row in rows]
    assert causes == [
        "first publication", "reports arrived late", "the city file changed", "the method changed",
    ]  # fmt: skip
    assert ["missed" in row for row in rows] == [True, True, False, False]


def test_versions_that_a_link_names_are_checked(opened: Running) -> None:
    newest = opened.cache.newest()
    assert newest is not None
    publish(opened, newest, 14, revision=0)
    assert "The link names" not in shown(opened, "?city=v1&method=1")
    text = shown(opened, "?city=other&method=7")
    assert "The link names the city version other" in text
    assert "The link names the method version 7" in text
    assert "<script>" not in shown(opened, "?city=<script>&method=x")


def test_the_publication_that_a_link_quotes_is_shown(opened: Running) -> None:
    """A figure that was copied after the city file changed is not the one before."""
    newest = opened.cache.newest()
    assert newest is not None
    versions = [(12, "v1", "1"), (14, "v2", "1"), (15, "v2", "9"), (17, "v3", "9")]
    for revision, (value, city, method) in enumerate(versions):
        publish(opened, newest, value, revision=revision, city=city, method=method)
    quoted = {
        more: int(re.findall(r'<span class="number">(\d+)</span>', shown(opened, more))[0])
        for more in ("", "?city=v2&method=1", "?city=v2&method=9", "?method=9", "?city=other")
    }
    assert list(quoted.values()) == [12, 14, 15, 15, 12]


def test_the_other_language_shows_the_same_publication(opened: Running) -> None:
    newest = opened.cache.newest()
    assert newest is not None
    publish(opened, newest, 4, revision=0, scope="area", code="371621")
    more = "?code=371621&city=v1&method=1"
    text = shown(opened, more)
    address = f"../../../../zh/figures/{NAME}/at/{rfc3339(T)}{more}".replace("&", "&amp;")
    assert text.count(f'href="{address}"') == 2
    assert "惠民县" in shown(opened, more, language="zh")


def test_a_figure_of_an_area_says_of_which_one(opened: Running) -> None:
    """Also of one that the city file does not have any more."""
    newest = opened.cache.newest()
    assert newest is not None
    for code in ("371621", "371699"):
        publish(opened, newest, 4, revision=0, scope="area", code=code)
    text = shown(opened, "?code=371621")
    assert "as published · Huimin</h1>" in text
    assert text.count('href="../../../areas/371621"') == 2
    assert "as published · 371699</h1>" in shown(opened, "?code=371699")
    for code in ("371698", "../../x", "371621001001"):
        address = f"/en/figures/{NAME}/at/{rfc3339(T)}?code={code}"
        assert opened.ask("GET", address).status_code == 404


def test_the_link_on_a_figures_page_leads_there(opened: Running) -> None:
    """An evaluation writes its figures into the log; the page of one links to its permalink."""
    newest = opened.cache.newest()
    assert newest is not None
    publish(opened, newest, 18, revision=0)
    page = opened.ask("GET", f"/en/figures/{NAME}").text
    assert f'figures/{NAME}/at/{rfc3339(T)}?city={newest.city_version}&amp;method=1"' in page


def test_a_figure_of_an_area_has_a_permalink_of_its_own(opened: Running) -> None:
    page = opened.ask("GET", "/en/areas/371621").text
    (link,) = re.findall(rf'href="\.\./(figures/{NAME}/at/[^"]+)"', page)
    answer = opened.ask("GET", f"/en/{link.replace('&amp;', '&')}")
    assert "code=371621" in link
    assert answer.status_code == 200
    assert '<span class="number">4</span>' in answer.text


def test_revisions_of_a_day_are_on_the_page(opened: Running) -> None:
    newest = opened.cache.newest()
    assert newest is not None
    for revision, value in enumerate((12, 13, 14)):
        publish(opened, newest, value, revision=revision)
    opened.clock.advance_s(400)
    opened.clock.wall_ms = T + 5 * 3_600_000
    opened.app.state.context.site.memory.refresh()
    page = " ".join(opened.ask("GET", f"/en/figures/{NAME}").text.split())
    assert "the figure of 1 instants was published again" in page
    assert "14 (revision 2, published at 2027-01-15 18:00:30)" in page
