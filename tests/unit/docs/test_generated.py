"""The generated documents are what the code gives, and one command renews them."""

import shutil
from pathlib import Path

import pytest

from tests.docs import DOCS, stale, write
from tests.docs.reference_pages import BEGIN, END, fill_payload_page


def test_every_generated_document_is_current() -> None:
    assert stale() == [], "run: python -m tests.docs"


def test_the_command_renews_what_is_stale_and_removes_what_there_is_no_more(tmp_path: Path) -> None:
    shutil.copytree(DOCS / "schema", tmp_path / "schema")
    for name in ("indicators.md", "openapi.json"):
        shutil.copy(DOCS / name, tmp_path)
    (tmp_path / "payloads.md").write_text(f"head\n{BEGIN}\nstale text\n{END}\ntail\n")
    (tmp_path / "schema" / "device_toaster.json").write_text("{}")

    assert write(tmp_path) == ["payloads.md", "schema/device_toaster.json", "storage.md"]

    page = (tmp_path / "payloads.md").read_text(encoding="utf-8")
    assert page.startswith("head\n")
    assert page.endswith("\ntail\n")
    assert "stale text" not in page
    assert stale(tmp_path) == write(tmp_path) == []


def test_a_page_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="must hold"):
        fill_payload_page("nothing here")
