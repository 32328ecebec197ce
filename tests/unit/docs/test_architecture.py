"""The architecture page names rooms that exist, and leaves none of the two paths out."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
BASES = (ROOT, ROOT / "ingest/gigacity_ingest", ROOT / "api/gigacity_api")
PATHS = sorted(
    set(re.findall(r"`((?:[a-z_0-9]+/)+(?:[a-z_0-9]+\.py)?|[a-z_]+\.py|tests/[a-z_]+)`", PAGE))
)


@pytest.mark.parametrize("path", PATHS)
def test_every_room_on_the_page_exists(path: str) -> None:
    assert any((base / path).exists() for base in BASES)


@pytest.mark.parametrize("package", ["ingest/gigacity_ingest", "api/gigacity_api"])
def test_every_room_of_both_paths_is_on_the_page(package: str) -> None:
    folders = {p.parent.name for p in (ROOT / package).glob("*/__init__.py")}
    missing = [name for name in sorted(folders) if f"{name}/" not in PAGE]

    assert missing == []
