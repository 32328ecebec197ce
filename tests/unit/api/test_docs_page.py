"""``/docs`` loads nothing from elsewhere, and may not."""

import re
from urllib.parse import urljoin

from gigacity_api.http.docs_page import ASSETS
from tests.unit.api.conftest import Running

ADDRESS = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)


def loaded(running: Running) -> list[str]:
    """What the page names."""
    page = running.ask("GET", "/docs")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    return re.findall(r'(?:src|href)="([^"]+)"', page.text)


def test_no_answer_of_it_names_another_host(evaluated: Running) -> None:
    for path in ("/docs", "/docs/start.js"):
        assert not ADDRESS.search(evaluated.ask("GET", path).text)
    assert "validatorUrl: null" in evaluated.ask("GET", "/docs/start.js").text


def test_its_policy_allows_only_its_own_files(evaluated: Running) -> None:
    for path in ("/docs", "/docs/start.js"):
        policy = evaluated.ask("GET", path).headers["content-security-policy"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'"
        sources = {source for sources in rules.values() for source in sources.split()}
        assert sources == {"'none'", "'self'", "data:"}
        assert [name for name, found in rules.items() if "data:" in found] == ["img-src"]


def test_everything_that_it_loads_is_there(evaluated: Running) -> None:
    names = loaded(evaluated)
    assert len(names) == 5
    types = {}
    for name in names:
        answer = evaluated.ask("GET", urljoin("/docs", name))
        assert answer.status_code == 200, name
        types[name.rsplit("/", 1)[-1]] = answer.headers["content-type"].split(";")[0]
    assert types == {
        "swagger-ui.css": "text/css", "favicon.png": "image/png",
        "openapi.json": "application/json", "swagger-ui-bundle.js": "text/javascript",
        "start.js": "text/javascript",
    }  # fmt: skip


def test_the_page_has_no_script_or_style_of_its_own(evaluated: Running) -> None:
    page = evaluated.ask("GET", "/docs").text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=", page)


def test_the_files_cannot_be_left(evaluated: Running) -> None:
    assert evaluated.ask("GET", "/docs/assets/%2e%2e/core.py").status_code == 404
    assert evaluated.ask("GET", "/docs/assets/").status_code == 404
    assert (ASSETS.parent / "core.py").exists()


def test_there_is_no_other_documentation(evaluated: Running) -> None:
    for path in ("/redoc", "/docs/oauth2-redirect"):
        assert evaluated.ask("GET", path).status_code == 404
