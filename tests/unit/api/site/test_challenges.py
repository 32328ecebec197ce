"""What helps to challenge a figure: whom to ask, what was revised before, how an area went."""

import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.site.public_level import PublicLevel
from gigacity_api.site.public_scope import PublicScope
from gigacity_api.site.revisions_page import MOST
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import ConfigError
from gigacity_contract.local_time import DAY_MS, day_start_ms, rfc3339
from tests.support.city import AREA_A
from tests.unit.api.conftest import Running, T, report_everything
from tests.unit.api.doubles import FakeStore
from tests.unit.api.site.conftest import open_city
from tests.unit.api.site.test_permalinks import publish

NAME = "pon.ports_10g"


def text_of(running: Running, path: str) -> str:
    answer = running.ask("GET", path)
    assert answer.status_code == 200, answer.text
    return " ".join(answer.text.split())


def asking(contact: str, city: City, store: FakeStore, clock: ManualClock, folder: Path) -> Running:
    running = open_city(city, store, clock, folder, contact=contact)
    report_everything(store, city, T - 1000)
    assert running.core.step()
    return running


def link_of(page: str) -> str:
    """Where somebody who asks is led."""
    (found,) = re.findall(r'<section aria-labelledby="ask">.*?href="([^"]*)"', page)
    return str(found).replace("&amp;", "&")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_letter_names_figure_value_instant_and_permalink(
    language: str, city: City, store: FakeStore, clock: ManualClock, tmp_path: Path
) -> None:
    running = asking("data@city.example", city, store, clock, tmp_path)
    letter = urlsplit(link_of(text_of(running, f"/{language}/figures/{NAME}")))
    assert (letter.scheme, letter.path) == ("mailto", "data@city.example")
    body = parse_qs(letter.query)["body"][0]
    (link,) = re.findall(r"https://\S+", body)
    assert link.startswith(f"https://city.example/{language}/figures/{NAME}/at/{rfc3339(T)}?city=")
    assert "18" in body
    assert "2027-01-15 16:00:00" in body

    newest = running.cache.newest()
    assert newest is not None
    publish(running, newest, 14, revision=0)
    running.clock.wall_ms = T + 10 * 3_600_000
    then = text_of(running, link.removeprefix("https://city.example"))
    assert link in unquote(link_of(then)).replace("city=v1", f"city={newest.city_version}")


def test_a_form_gets_the_permalink(
    city: City, store: FakeStore, clock: ManualClock, tmp_path: Path
) -> None:
    running = asking("https://city.example/ask?about={link}", city, store, clock, tmp_path)
    form = urlsplit(link_of(text_of(running, f"/en/figures/{NAME}")))
    (about,) = parse_qs(form.query)["about"]
    assert about.startswith(f"https://city.example/en/figures/{NAME}/at/")


def test_where_nobody_is_named_nobody_can_be_asked(opened: Running) -> None:
    assert 'id="ask"' not in text_of(opened, f"/en/figures/{NAME}")


@pytest.mark.parametrize(
    "contact", ["somebody", "http://city.example", "a b@c", "javascript:x@y", "x@y?cc=z", '"@y']
)
def test_a_contact_that_is_none(contact: str) -> None:
    with pytest.raises(ConfigError, match="GIGACITY_PUBLIC_CONTACT"):
        PublicScope.of(PublicLevel.CITY, "", "", contact)


def test_older_revisions_are_listed_by_day(opened: Running) -> None:
    newest = opened.cache.newest()
    assert newest is not None
    for revision, value in enumerate((12, 14, 15)):
        publish(opened, newest, value, revision=revision)
    opened.clock.wall_ms = T + 2 * DAY_MS
    first = f"/en/figures/{NAME}/revisions/2027-01-15"
    assert f'href="../../figures/{NAME}/revisions/2027-01-15"'.replace("../../", "../") in text_of(
        opened, f"/en/figures/{NAME}"
    )
    page = text_of(opened, first)
    assert re.findall(r'<td class="num">(\d+)</td><td class="num">(\d)</td>', page) == [
        ("15", "2"), ("14", "1"),
    ]  # fmt: skip
    assert "1 instants." in page
    assert f"figures/{NAME}/at/{rfc3339(T)}" in page
    assert "revisions/2027-01-14" in page
    assert "Nothing was revised" in text_of(opened, first.replace("-15", "-16"))
    assert "day after" not in text_of(opened, first.replace("-15", "-17"))


def test_a_day_with_very_many_revisions_is_cut(opened: Running) -> None:
    newest = opened.cache.newest()
    assert newest is not None
    publish(opened, newest, 12, revision=1)
    (row,) = [p for p in opened.store.found("indicator_log") if p.fields["revision"] == 1]
    for number in range(MOST + 5):
        opened.store.put("indicator_log", row.time + number + 1, row.tags, **row.fields)
    opened.clock.wall_ms = T + DAY_MS
    page = text_of(opened, f"/en/figures/{NAME}/revisions/2027-01-15")
    assert page.count("<tr>") == MOST + 1
    assert f"The first {MOST} of the day are shown." in page


@pytest.mark.parametrize("day", ["2027-01-17", "1999-12-31", "20270115", "2027-02-30", "x"])
def test_a_day_of_which_there_is_nothing(opened: Running, day: str) -> None:
    assert opened.ask("GET", f"/en/figures/{NAME}/revisions/{day}").status_code == 404
    assert opened.ask("GET", "/en/figures/nonsense/revisions/2027-01-15").status_code == 404


def test_a_database_that_is_away_is_said(opened: Running) -> None:
    opened.store.failure = StoreUnavailableError("down")
    assert opened.ask("GET", f"/en/figures/{NAME}/revisions/2027-01-15").status_code == 503


def test_the_page_of_an_area_shows_how_it_went(opened: Running) -> None:
    assert "no daily values yet" in text_of(opened, f"/en/areas/{AREA_A}")
    midnight = day_start_ms(T)
    tags = {"indicator": "home.gigabit_access", "scope": "area", "code": AREA_A}
    for back in range(1, 120):
        # Of the newest day too little is known for a value.
        value, lower, upper = (0.0, 0.0, 0.9) if back == 1 else (0.5, 0.5, 0.5)
        opened.store.put(
            "r1d/indicator", midnight - back * DAY_MS, tags, value=value, lower=lower, upper=upper
        )
    opened.clock.advance_s(400)
    opened.app.state.context.site.memory.refresh()
    page = text_of(opened, f"/en/areas/{AREA_A}")
    assert page.count('class="trend"') == 1
    assert "50.00% on 2026-10-" in page
    assert "0.00% to 90.00% on the newest day" in page
