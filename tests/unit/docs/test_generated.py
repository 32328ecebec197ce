"""The generated files are what the code gives, and one command renews them."""

from pathlib import Path

from tests.docs import stale, write


def test_every_generated_file_is_current() -> None:
    assert stale() == [], "run: python -m tests.docs"


def test_the_command_renews_what_is_stale_and_removes_what_there_is_no_more(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "docs/payloads.md").write_text("stale text", encoding="utf-8")
    (tmp_path / "docs/storage.md").unlink()
    (tmp_path / "docs/schema/device_toaster.json").write_text("{}", encoding="utf-8")

    changed = ["docs/payloads.md", "docs/schema/device_toaster.json", "docs/storage.md"]
    assert write(tmp_path) == changed
    assert write(tmp_path) == stale(tmp_path) == []
