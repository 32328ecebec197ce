"""The generated documents are what the code gives, and one command renews them."""

import shutil
from pathlib import Path

from tests.docs import DOCS, stale, write


def test_every_generated_document_is_current() -> None:
    assert stale() == [], "run: python -m tests.docs"


def test_the_command_renews_what_is_stale_and_removes_what_there_is_no_more(tmp_path: Path) -> None:
    shutil.copytree(DOCS / "schema", tmp_path / "schema")
    for name in ("indicators.md", "openapi.json"):
        shutil.copy(DOCS / name, tmp_path)
    (tmp_path / "payloads.md").write_text("stale text")
    (tmp_path / "schema" / "device_toaster.json").write_text("{}")

    assert write(tmp_path) == ["payloads.md", "schema/device_toaster.json", "storage.md"]

    assert stale(tmp_path) == write(tmp_path) == []
