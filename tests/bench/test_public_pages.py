"""What public pages of the whole city cost: made once an evaluation, and sent from memory.

pytest -m bench -s tests/bench/test_public_pages.py
"""

import gzip
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.site import pages
from gigacity_api.site.times import Month
from gigacity_city.load import load_city
from tests.support.site_scene import RunningSite, served_scene

pytestmark = pytest.mark.bench

CITY = Path(__file__).parents[2] / "deploy/city/binzhou"
REQUESTS = 300


def test_public_pages(tmp_path: Path) -> None:
    city = load_city(CITY)
    with served_scene("outage", city, tmp_path) as site:
        newest = site.cache.newest()
        assert newest is not None
        found = site.context.site.snapshot(newest, site.context.declarations.known)
        makers: dict[str, Callable[[], str | None]] = {
            "scorecard": lambda: pages.home_html("zh", found),
            "figure": lambda: pages.figure_html("zh", found, REGISTRY["home.gigabit_access"]),
            "area": lambda: pages.area_html("zh", found, "371602"),
            "community": lambda: pages.community_html("zh", found, city.communities[0].code),
            "report": lambda: pages.report_html("zh", found, Month(2026, 11)),
        }
        for name, make in makers.items():
            first, again = _cpu_ms(make), _cpu_ms(make)
            body = (make() or "").encode()
            packed = len(gzip.compress(body, 6))
            line = f"{name}: {first:.1f} ms, again {again:.1f} ms; {len(body):,} B, {packed:,} B"
            sys.stdout.write(f"{line}\n")
        _requests(site)


def _cpu_ms(make: Callable[[], object]) -> float:
    started = time.thread_time()
    make()
    return (time.thread_time() - started) * 1000


def _requests(site: RunningSite) -> None:
    with httpx.Client(base_url=site.url) as client:
        etag = client.get("/zh/").headers["etag"]
        for name, headers in {"kept": {}, "304": {"If-None-Match": etag}}.items():
            started = time.perf_counter()
            for _ in range(REQUESTS):
                client.get("/zh/", headers=headers)
            took_ms = (time.perf_counter() - started) / REQUESTS * 1000
            sys.stdout.write(f"{name}: {took_ms:.2f} ms a request\n")
