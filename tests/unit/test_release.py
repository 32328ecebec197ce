"""A release: version, tag and changelog agree, and the changelog is written in sections."""

import re
from pathlib import Path

import pytest

from tests.release import KINDS, ROOT, ReleaseError, notes, project_version, sections


def _project(folder: Path, changelog: str) -> Path:
    (folder / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    (folder / "CHANGELOG.md").write_text(changelog)
    return folder


def test_the_notes_of_a_release_are_its_section_alone(tmp_path: Path) -> None:
    text = "# Changelog\n\n## [1.2.0] - 2026-12-01\n\n### Added\n\n- one\n\n## [1.1.0]\n\n- old\n"

    assert notes("v1.2.0", _project(tmp_path, text)) == "### Added\n\n- one"


def test_a_tag_that_is_not_the_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=re.escape("pyproject.toml says 1.2.0")):
        notes("v1.3.0", _project(tmp_path, ""))


def test_a_version_without_its_section_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"no text under \[1\.2\.0\]"):
        notes("v1.2.0", _project(tmp_path, "## [Unreleased]\n\n- one\n"))


def test_the_changelog_is_in_sections_of_known_kinds() -> None:
    found = sections((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    headings = [h for text in found.values() for h in re.findall(r"^### (.+)$", text, re.MULTILINE)]

    assert "Unreleased" in found or project_version() in found
    assert headings
    assert set(headings) <= set(KINDS)
