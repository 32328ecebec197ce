"""What pages answer: to whom, in which language, with which headers, and where their links lead."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from gigacity_api.errors import StoreError
from gigacity_api.http.page_cache import KeptPage, PageCache
from gigacity_api.reports.declarations import DeclaredFigure
from gigacity_api.site.public_level import PublicLevel
from gigacity_api.site.public_scope import PublicScope
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import ConfigError
from tests.unit.api.conftest import Running, T, report_everything
from tests.unit.api.doubles import FakeStore
from tests.unit.api.site.conftest import open_city

PATHS = (
    "", "figures/home.gigabit_access", "figures/pon.ports_10g", "areas/371602",
    "communities/371602001001", "methods", "data", "report/2027-01",
)  # fmt: skip
FILES = ("data/scorecard.csv", "catalog.jsonld", "feed.atom", "live", "")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_there(opened: Running, language: str, path: str) -> None:
    answer = opened.ask("GET", f"/{language}/{path}")
    assert answer.status_code == 200, answer.text
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in answer.text


@pytest.mark.parametrize("path", [*FILES, *(f"zh/{path}" for path in PATHS)])
def test_nothing_is_public_unless_the_city_says_so(evaluated: Running, path: str) -> None:
    answer = evaluated.ask("GET", f"/{path}")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("not-found")


def test_nothing_is_below_the_level_that_is_public(
    city: City, store: FakeStore, clock: ManualClock, tmp_path: Path
) -> None:
    running = open_city(city, store, clock, tmp_path, PublicLevel.CITY)
    report_everything(store, city, T - 1000)
    assert running.core.step()
    page = running.ask("GET", "/en/").text
    assert "areas/371602" not in page
    assert "Bincheng" not in page
    for path in ("areas/371602", "communities/371602001001"):
        assert running.ask("GET", f"/en/{path}").status_code == 404
    assert "371602" not in running.ask("GET", "/data/scorecard.csv").text


def test_figures_that_are_public_are_a_setting(
    city: City, store: FakeStore, clock: ManualClock, tmp_path: Path
) -> None:
    running = open_city(city, store, clock, tmp_path, figures="pon.ports_10g, device.online.camera")
    report_everything(store, city, T - 1000)
    assert running.core.step()
    page = running.ask("GET", "/en/").text
    named = re.findall(r'<h3><a href="\./figures/([^"]+)"', page)
    assert named == ["pon.ports_10g", "device.online.camera"]
    assert running.ask("GET", "/en/figures/home.gigabit_access").status_code == 404
    assert running.ask("GET", "/data/home.gigabit_access.json").status_code == 404
    with pytest.raises(ConfigError, match=r"no measured figure 'pon\.ports'"):
        PublicScope.of(PublicLevel.CITY, "pon.ports", "")


def crawled(running: Running, start: str) -> dict[str, str]:
    """Every page and file that a robot reaches, by its path: one that keeps to ``nofollow``."""
    found: dict[str, str] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        answer = running.ask("GET", path)
        assert answer.status_code == 200, path
        is_page = answer.headers["content-type"].startswith("text/html")
        found[path] = answer.text if is_page else ""
        for link in re.findall(r'(?:href|src)="([^"]*)"(?! rel="nofollow")', found[path]):
            target = urlsplit(urljoin(f"http://api{path}", link.replace("&amp;", "&")))
            assert target.netloc == "api", link
            waiting.append(target.path + (f"?{target.query}" if target.query else ""))
    return found


@pytest.fixture(scope="module")
def reachable(city: City, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What can be reached from the scorecard."""
    store = FakeStore()
    running = open_city(city, store, ManualClock(T + 30_000), tmp_path_factory.mktemp("crawl"))
    report_everything(store, city, T - 1000)
    assert running.core.step()
    return crawled(running, "/zh/")


def test_every_link_leads_to_something_and_never_elsewhere(reachable: dict[str, str]) -> None:
    assert len(reachable) > 100
    paths = {f"/{language}/{path}" for language in ("zh", "en") for path in PATHS}
    assert paths <= reachable.keys()


def test_no_page_names_an_object(reachable: dict[str, str], city: City) -> None:
    """Ids of ports, buildings and devices stand in nothing that is public."""
    named = [
        *(olt.id for olt in city.olts), *(building.id for building in city.buildings),
        *(f"{row.community}/{row.ids.prefix}" for row in city.devices.ranges), "camera-1", "gw-a",
    ]  # fmt: skip
    for path, text in reachable.items():
        assert [one for one in named if one in text] == [], path


def test_a_community_with_few_objects_shows_no_figure_of_them(opened: Running) -> None:
    """One elevator, eight meters; 200 homes."""
    page = opened.ask("GET", "/en/communities/371621101001").text
    shown = set(re.findall(r'figures/([\w.]+)"', page))
    assert "community.gigabit_homes" in shown
    assert "device.online" not in shown, "two street lights"
    assert "Figures over fewer than 10 objects are not public." in page


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9,zh;q=0.1", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("de,fr", "zh"),
        ("nonsense;q=x", "zh"),
    ],
)
def test_the_root_leads_to_the_browsers_language(
    opened: Running, asked: str, language: str
) -> None:
    answer = opened.ask("GET", "/", {"Accept-Language": asked})
    assert answer.status_code == 302
    assert answer.headers["location"] == f"{language}/"
    assert answer.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_address_without_its_last_slash_leads_to_the_one_with_it(
    opened: Running, language: str
) -> None:
    answer = opened.ask("GET", f"/{language}")
    assert (answer.status_code, answer.headers["location"]) == (302, f"{language}/")


@pytest.mark.parametrize(
    "path",
    [
        "figures/pon.ports", "figures/device.online.camera", "areas/999999", "communities/1",
        "report/2020-01", "report/2027-13", "report/nonsense", "figures/pon.ports_10g/at/nonsense",
        "figures/pon.ports_10g/at/2027-01-15T16:00:00",
        "figures/pon.ports_10g/at/1999-01-01T00:00:00Z",
        "figures/pon.ports_10g/at/2020-01-01T00:00:00Z",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_not_there_is_said_on_a_page(opened: Running, path: str, language: str) -> None:
    answer = opened.ask("GET", f"/{language}/{path}")
    assert answer.status_code == 404
    said = {"zh": "没有这个页面", "en": "There is no such page"}[language]
    assert f"<h1>{said}</h1>" in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_errors_are_made_once_for_all_who_ask(opened: Running) -> None:
    """However many addresses somebody tries."""
    for number in range(20):
        assert opened.ask("GET", f"/en/areas/{number}").status_code == 404
    assert len(opened.app.state.context.site.pages) == 1
    page = opened.ask("GET", "/en/figures/x/at/2020-01-01T00:00:00Z").text
    assert '<link rel="stylesheet" href="../../../../assets/' in page
    assert 'href="../../../../zh/"' in page


def test_a_page_has_no_script_or_style_of_its_own_and_may_load_none_from_elsewhere(
    opened: Running, reachable: dict[str, str]
) -> None:
    for path, text in reachable.items():
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=\"", text), path
    policy = opened.ask("GET", "/en/").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert {source for found in rules.values() for source in found.split()} == {"'none'", "'self'"}


def test_assets_may_be_kept_for_ever_under_a_name_of_their_content(opened: Running) -> None:
    (name,) = re.findall(
        r'src="\.\./(assets/page\.[0-9a-f]{12}\.js)"', opened.ask("GET", "/en/").text
    )
    answer = opened.ask("GET", f"/{name}")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert opened.ask("GET", "/assets/page.js").status_code == 404


def test_what_an_office_wrote_is_shown_as_text(opened: Running) -> None:
    """And who wrote it is not shown."""
    source, reporter = "<script>alert(1)</script>", "office-key-7"
    entries = [
        DeclaredFigure(T, name, "city", "371600", T, 1.0, None, None, reporter, source, 0)
        for name in ("home.gigabit_access", "brain.scenarios")
    ]
    log = opened.app.state.context.declarations
    log._declared = log.known.with_more(entries)
    for path in ("", "figures/home.gigabit_access", "report/2027-01"):
        page = opened.ask("GET", f"/en/{path}").text
        assert source not in page
        assert reporter not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in opened.ask("GET", "/en/").text


def test_a_browser_that_has_the_page_gets_304(opened: Running) -> None:
    first = opened.ask("GET", "/en/")
    again = opened.ask("GET", "/en/", {"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert opened.ask("GET", "/zh/", {"If-None-Match": first.headers["etag"]}).status_code == 200


def test_a_page_is_packed_for_whoever_takes_that(opened: Running) -> None:
    packed = opened.ask("GET", "/en/", {"Accept-Encoding": "gzip"})
    plain = opened.ask("GET", "/en/", {"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text


def test_what_other_sites_add_to_a_link_changes_nothing(opened: Running) -> None:
    plain, added = (opened.ask("GET", f"/en/{more}") for more in ("", "?utm_source=x&map=nonsense"))
    assert added.status_code == 200
    assert added.headers["etag"] == plain.headers["etag"]
    assert len(opened.app.state.context.site.pages) == 1


def test_a_page_is_made_once_an_evaluation(opened: Running, city: City) -> None:
    site, made = opened.app.state.context.site, []
    run = site._lane.run

    async def counted(work: object) -> object:
        made.append(work)
        return await run(work)

    site._lane.run = counted
    for _ in range(5):
        opened.ask("GET", "/en/")
    assert len(made) == 1
    opened.clock.advance_s(60)
    report_everything(opened.store, city, T + 59_000)
    assert opened.core.step()
    opened.ask("GET", "/en/")
    assert len(made) == 2


def test_no_visit_asks_the_database(opened: Running) -> None:
    opened.store.failure = StoreError("away")
    for path in PATHS:
        assert opened.ask("GET", f"/zh/{path}").status_code == 200
    answer = opened.ask("GET", "/zh/figures/pon.ports_10g/at/2027-01-15T08:00:00Z")
    assert answer.status_code == 503
    assert "目前无法读取历史数据" in answer.text
    assert answer.headers["retry-after"] == "5"


def test_visitors_who_ask_for_too_much_get_the_page_before(opened: Running, city: City) -> None:
    before = opened.ask("GET", "/en/").text
    site = opened.app.state.context.site
    site._shares.charge("public pages", 1000.0)
    opened.clock.wall_ms += 60_000
    report_everything(opened.store, city, T + 59_000)
    assert opened.core.step()
    assert opened.ask("GET", "/en/").text == before
    busy = opened.ask("GET", "/en/methods")
    assert busy.status_code == 503
    assert "Too many people are asking" in busy.text
    assert busy.headers["retry-after"] == "5"
    assert opened.ask("GET", "/data/scorecard.json").json()["type"].endswith("public-busy")


def test_before_the_first_evaluation_a_page_says_so(
    city: City, store: FakeStore, clock: ManualClock, tmp_path: Path
) -> None:
    running = open_city(city, store, clock, tmp_path)
    answer = running.ask("GET", "/zh/")
    assert answer.status_code == 503
    assert "还没有任何评估" in answer.text
    assert 'data-live="../live"' in answer.text


@pytest.mark.parametrize(("language", "said"), [("en", "between 0 and {}"), ("zh", "0至{}之间")])
def test_a_count_of_which_nothing_is_known_is_no_zero(
    language: str, said: str, city: City, store: FakeStore, clock: ManualClock, tmp_path: Path
) -> None:
    running = open_city(city, store, clock, tmp_path)
    assert running.core.step()
    newest = running.cache.newest()
    assert newest is not None
    figure = newest.by_key["pon.ports_10g", "city", city.code]
    assert (figure.known_in, figure.known_out) == (0, 0)
    for path in ("", "figures/pon.ports_10g"):
        page = running.ask("GET", f"/{language}/{path}").text
        assert said.format(f"{figure.unknown:,}") in page
        assert "≥0" not in page
        assert '<span class="number">0<' not in page


def test_an_evaluator_that_is_silent_is_said(opened: Running) -> None:
    assert "notice late" not in opened.ask("GET", "/en/").text
    opened.clock.advance_s(3 * 60 + 1)
    assert "Nothing has been evaluated since 2027-01-15 16:00:00" in opened.ask("GET", "/en/").text


@pytest.mark.parametrize("path", PATHS)
def test_a_replica_shows_the_same_without_what_only_the_evaluator_knows(
    opened: Running, path: str
) -> None:
    newest = opened.cache.newest()
    assert newest is not None
    opened.cache.put(replace(newest, evaluation=None))
    answer = opened.ask("GET", f"/en/{path}")
    assert answer.status_code == 200
    assert "By reason" not in answer.text
    assert "The smart-community standard" not in answer.text


def kept(size: int) -> KeptPage:
    return KeptPage((1,), b"x" * size, b"", "text/html", 'W/"1"')


def test_pages_are_kept_within_their_bytes_the_oldest_given_up_first() -> None:
    cache = PageCache(max_bytes=4_000)
    cache.put("a", kept(1_000))
    cache.put("b", kept(1_000))
    assert cache.get("a") is not None
    cache.put("c", kept(1_000))
    assert (cache.get("b"), len(cache), cache.bytes) == (None, 2, 3_000)
    cache.put("a", kept(2_000))
    assert (len(cache), cache.bytes) == (2, 4_000)
    cache.put("huge", kept(4_000))
    assert (cache.get("huge"), len(cache)) == (None, 2)
