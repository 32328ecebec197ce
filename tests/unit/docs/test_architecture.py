"""The architecture page names rooms that exist, and leaves none of the two paths out."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PACKAGES = ("ingest/gigacity_ingest", "api/gigacity_api", "api/gigacity_notify")
BASES = (ROOT, *(ROOT / package for package in PACKAGES))
PATHS = sorted(
    set(re.findall(r"`((?:[a-z_0-9]+/)+(?:[a-z_0-9]+\.py)?|[a-z_]+\.py|tests/[a-z_]+)`", PAGE))
)


@pytest.mark.parametrize("path", PATHS)
def test_every_room_on_the_page_exists(path: str) -> None:
    assert any((base / path).exists() for base in BASES)


@pytest.mark.parametrize("package", ["ingest/gigacity_ingest", "api/gigacity_api"])
def test_the_readme_of_a_folder_names_every_room_of_its_package(package: str) -> None:
    text = (ROOT / package).parent.joinpath("README.md").read_text(encoding="utf-8")
    folders = {p.parent.name for p in (ROOT / package).glob("*/__init__.py")}
    missing = [name for name in sorted(folders) if f"`{name}/`" not in text]

    assert missing == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_room_of_both_paths_is_on_the_page(package: str) -> None:
    folders = {p.parent.name for p in (ROOT / package).glob("*/__init__.py")}
    missing = [name for name in sorted(folders) if f"{name}/" not in PAGE]

    assert missing == []
