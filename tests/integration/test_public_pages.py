"""The public pages in Debian's Chromium, or Chrome: every state that people meet, as it is drawn.

One browser for all tests; each scene is a service of its own on a free port.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from gigacity_city.load import load_city
from gigacity_city.model import City
from tests.support.programs import program
from tests.support.site_scene import SCENES, RunningSite, Scene, served_scene

pytestmark = pytest.mark.integration

CITIES = Path(__file__).parents[2] / "deploy/city"
WIDTHS = (375, 1280, 1920)
PATHS = (
    "", "figures/home.gigabit_access", "figures/pon.ports_10g", "areas/371602",
    "communities/371602001001", "methods", "data", "report/2026-11",
)  # fmt: skip

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("google-chrome") or program("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def city() -> City:
    return load_city(CITIES / "binzhou-demo")


@pytest.fixture(scope="module")
def sites(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RunningSite]]:
    """A service for each scene, and two more in which something happens."""
    scenes: dict[str, Scene] = {scene: scene for scene in SCENES}
    scenes |= {"well, then an outage": "well", "waiting, then well": "waiting"}
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(served_scene(scene, city, tmp_path_factory.mktemp("site")))
            for name, scene in scenes.items()
        }


@pytest.fixture
def show(browser: Browser, sites: dict[str, RunningSite]) -> Iterator[Open]:
    """Opens a page of a scene; what the browser complains of, or asks elsewhere, fails the test."""
    complaints: list[str] = []
    with ExitStack() as stack:

        def open_page(scene: str, address: str, *, width: int = 1280, **more: object) -> Page:
            site = sites[scene]
            context = browser.new_context(viewport={"width": width, "height": 900}, **more)  # type: ignore[arg-type] # passed on
            stack.callback(context.close)
            page = context.new_page()
            # That a page is answered with 503 is what some scenes are about.
            page.on("console", lambda m: None if "503" in m.text else complaints.append(m.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "request",
                lambda r: None if r.url.startswith(site.url) else complaints.append(r.url),
            )
            page.goto(f"{site.url}/{address}")
            return page

        yield open_page
    assert complaints == []


def words(page: Page, selector: str) -> list[str]:
    return [" ".join(text.split()) for text in page.locator(selector).all_text_contents()]


def verdicts(page: Page, selector: str = ".card .chip") -> list[str]:
    names = page.locator(selector).evaluate_all("all => all.map(one => one.classList[1])")
    return [str(name) for name in names]


DRAWN: dict[Scene, dict[str, object]] = {
    "well": {
        "cards": ["missed", "met", "missed", "met", "missed"],
        "tiles": {"met": 8, "missed": 1, "no_target": 1},
        "first": "1,316 ports ✕ missed",
        "notices": 1,
    },
    "outage": {
        "cards": ["missed", "met", "missed", "missed", "missed"],
        "tiles": {"met": 4, "missed": 5, "no_target": 1},
        "first": "1,128 ports ✕ missed",
        "notices": 1,
    },
    "empty": {
        "cards": ["undetermined", "undetermined", "missed", "undetermined", "missed"],
        "tiles": {"undetermined": 8, "missed": 1, "no_target": 1},
        "first": "between 0 and 1,600 ? undetermined",
        "notices": 1,
    },
    "silent": {
        "cards": ["missed", "met", "missed", "met", "missed"],
        "tiles": {"met": 8, "missed": 1, "no_target": 1},
        "first": "1,316 ports ✕ missed",
        "notices": 2,
    },
    "area_unknown": {
        "cards": ["missed", "met", "missed", "undetermined", "missed"],
        "tiles": {"met": 7, "missed": 1, "undetermined": 1, "no_target": 1},
        "first": "at least 1,100 ports ✕ missed",
        "notices": 1,
    },
}
"""What each scene must show, counted by hand from its figures."""


@pytest.mark.parametrize("scene", DRAWN)
def test_a_scene_is_drawn_as_it_is(show: Open, scene: Scene) -> None:
    page = show(scene, "en/")
    heads = page.locator("svg.tiles .head").evaluate_all("all => all.map(one => one.classList[1])")
    drawn = {
        "cards": verdicts(page),
        "tiles": {name: heads.count(name) for name in DRAWN[scene]["tiles"]},  # type: ignore[attr-defined] # a dict
        "first": words(page, ".card .main")[0],
        "notices": page.locator(".notice").count(),
    }
    assert drawn == DRAWN[scene]
    assert words(page, ".instant time") == ["2026-11-30 14:00:00"]


def test_where_little_is_known_nothing_unknown_shows_a_value(show: Open) -> None:
    page = show("empty", "en/")
    shown = words(page, ".card .number")
    assert "between 0.00% and 100.00%" in shown
    # Only what rests on no report has a value.
    assert [text for text in shown if "between" not in text] == ["91.19%", "83.96%"]
    assert set(words(page, "svg.tiles .value")) == {"no figure", "0–100%", "0–97%"}


def test_an_evaluator_that_is_silent_is_said(show: Open) -> None:
    said = "Nothing has been evaluated since 2026-11-30 14:00:00."
    assert said in words(show("silent", "en/"), ".notice.late")[0]
    assert "自2026-11-30 14:00:00起没有新的评估" in words(show("silent", "zh/"), ".notice.late")[0]
    assert words(show("well", "en/"), ".notice.late") == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_is_wider_than_its_window(show: Open, language: str) -> None:
    page = show("area_unknown", f"{language}/")
    for path in PATHS:
        page.goto(f"{page.url.split(f'/{language}/')[0]}/{language}/{path}")
        assert page.evaluate("document.documentElement.lang").startswith(language)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") == width, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(show: Open, path: str, scheme: str) -> None:
    page = show("area_unknown", f"zh/{path}", color_scheme=scheme)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scene", ["outage", "empty", "silent", "waiting"])
def test_axe_finds_nothing_in_any_state(show: Open, scene: Scene) -> None:
    found = Axe().run(show(scene, "en/", width=375))
    assert found.violations_count == 0, found.generate_report()


def test_a_page_follows_the_evaluations(show: Open, sites: dict[str, RunningSite]) -> None:
    """Its script renews what is shown, keeps what the reader opened, and says so once."""
    name = "well, then an outage"
    page = show(name, "en/")
    page.evaluate("window.untouched = true")
    page.locator("summary").first.click()
    assert words(page, ".card .main")[0].startswith("1,316")

    sites[name].evaluate("outage")

    expect(page.locator("time.as-of")).to_have_text("2026-11-30 14:01:00")
    assert words(page, ".card .main")[0].startswith("1,128")
    assert page.locator("details").first.evaluate("one => one.open")
    assert page.evaluate("window.untouched")
    assert words(page, ".status") == ["Renewed: as of 2026-11-30 14:01:00"]


def test_a_page_that_waits_for_the_first_evaluation_shows_it(
    show: Open, sites: dict[str, RunningSite]
) -> None:
    name = "waiting, then well"
    page = show(name, "en/")
    assert "Nothing has been evaluated yet" in words(page, "main p")[0]

    sites[name].evaluate("well")

    page.wait_for_selector(".card", timeout=10_000)
    assert words(page, ".city a") == ["Binzhou"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_a_script_everything_is_there(show: Open, language: str) -> None:
    page = show("outage", f"{language}/", java_script_enabled=False)
    assert len(words(page, ".card .main")) == 13
    page.locator(".choose a").nth(3).click()
    assert page.locator(".choose a[aria-current]").count() == 1
    page.locator("svg.tiles a").first.click()
    assert "/areas/" in page.url
    page.locator("table.figures a").first.click()
    assert page.locator("svg.trend").count() == 1


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scene", ["outage", "area_unknown"])
def test_a_report_is_one_page_of_a4(show: Open, language: str, scene: Scene) -> None:
    page = show(scene, f"{language}/report/2026-11")
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    (box,) = re.findall(rb"/MediaBox\s*\[([^\]]*)\]", printed)
    width, height = (float(number) for number in box.split()[2:])
    assert (round(width), round(height)) == (595, 842)


def test_the_whole_city_is_painted_within_a_second(browser: Browser, tmp_path: Path) -> None:
    """First paint of a first visit, style and script included; and what it loads."""
    city = load_city(CITIES / "binzhou")
    with served_scene("outage", city, tmp_path) as site:
        # A machine that is busy elsewhere may stop any one of them.
        assert min(_first_paint_ms(browser, f"{site.url}/{name}/") for name in 5 * ["en"]) < 1_000


def _first_paint_ms(browser: Browser, url: str) -> float:
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    # What was painted is told a moment after it was.
    painted: float = page.evaluate(
        """new Promise(told => new PerformanceObserver(
            list => told(list.getEntries()[0].startTime)
        ).observe({type: 'paint', buffered: true}))"""
    )
    loaded = page.evaluate(
        "performance.getEntries().reduce((sum, one) => sum + (one.transferSize || 0), 0)"
    )
    context.close()
    assert 5_000 < loaded < 20_000
    return painted
