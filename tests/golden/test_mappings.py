"""Mappings written by hand for real formats, with what their messages must become."""

from pathlib import Path

import pytest

from gigacity_ingest.mapping.loading import check_mappings

FOLDER = Path(__file__).parent / "mappings"
FILES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_messages_become_what_the_mapping_says(path: Path) -> None:
    loaded = check_mappings([path])
    assert [str(failure) for failure in loaded.failures] == []
    assert loaded.cases >= len(loaded.sources)


def test_they_hold_together_as_one_folder() -> None:
    loaded = check_mappings([FOLDER])
    assert loaded.failures == []
    assert len(loaded.sources) == sum(len(check_mappings([path]).sources) for path in FILES)
