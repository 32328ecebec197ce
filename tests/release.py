"""Releases: a tag ``vX.Y.Z`` must be the version of the project and a section of the changelog.

``python -m tests.release check v0.2.0`` says whether both hold; ``notes`` prints the section.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
KINDS = ("Added", "Changed", "Renamed", "Deprecated", "Removed", "Fixed", "Security")
"""Headings of a version's section: Keep a Changelog's, and what was renamed."""


class ReleaseError(Exception):
    """The tag, the version and the changelog do not agree; the message says what to do."""


def project_version(root: Path = ROOT) -> str:
    """The version, from the one place where it stands."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    version: str = tomllib.loads(text)["project"]["version"]
    return version


def sections(changelog: str) -> dict[str, str]:
    """Text of every version's section by version; ``Unreleased`` is one of them."""
    parts = re.split(r"^## \[([^\]]+)\][^\n]*\n", changelog, flags=re.MULTILINE)
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def notes(tag: str, root: Path = ROOT) -> str:
    """The changelog's section of the tagged version.

    Raises:
        ReleaseError: the tag is not the project's version, or the changelog has no such section.
    """
    version = tag.removeprefix("v")
    if version != project_version(root):
        raise ReleaseError(
            f"tag {tag}: pyproject.toml says {project_version(root)}; set the version first"
        )
    text = sections((root / "CHANGELOG.md").read_text(encoding="utf-8")).get(version, "")
    if not text:
        raise ReleaseError(
            f"CHANGELOG.md has no text under [{version}]: rename [Unreleased] to it, with the date"
        )
    return text


def main(arguments: list[str]) -> int:
    """Run ``check`` or ``notes`` for a tag; the exit code is 0 only if all agrees."""
    if len(arguments) != 2 or arguments[0] not in {"check", "notes"}:
        sys.stderr.write("usage: python -m tests.release check|notes vX.Y.Z\n")
        return 2
    try:
        text = notes(arguments[1])
    except ReleaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(text + "\n" if arguments[0] == "notes" else f"{arguments[1]}: all agrees\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
