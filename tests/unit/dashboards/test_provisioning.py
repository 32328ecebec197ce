"""Grafana's provisioning files: what boards point at, no secret, and no known trap."""

import re
from pathlib import Path
from typing import Any

import yaml

from gigacity_dashboards.dataquery import DATA_SOURCE_TYPE, DATA_SOURCE_UID
from tests.support.boards import REPOSITORY

PROVISIONING = REPOSITORY / "deploy/grafana/provisioning"
SUBSTITUTED = re.compile(r"\$([A-Z][A-Z0-9_]+)")


def _load(path: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((PROVISIONING / path).read_text(encoding="utf-8"))
    return content


def _variables(path: Path) -> set[str]:
    return set(SUBSTITUTED.findall(path.read_text(encoding="utf-8")))


def test_the_data_source_is_the_one_that_boards_name() -> None:
    (source,) = _load("datasources/gigacity.yaml")["datasources"]
    assert source["uid"] == DATA_SOURCE_UID
    assert source["type"] == DATA_SOURCE_TYPE
    assert source["jsonData"]["version"] == "InfluxQL"
    assert source["jsonData"]["httpMode"] == "POST"
    assert source["editable"] is False


def test_address_and_credentials_come_from_the_environment_alone() -> None:
    (source,) = _load("datasources/gigacity.yaml")["datasources"]
    given = (
        source["url"],
        source["user"],
        source["jsonData"]["dbName"],
        source["secureJsonData"]["password"],
    )
    assert all(SUBSTITUTED.fullmatch(value) for value in given)
    assert _variables(PROVISIONING / "datasources/gigacity.yaml") == {
        "GIGACITY_INFLUX_URL",
        "GIGACITY_INFLUX_BUCKET",
        "GIGACITY_INFLUX_GRAFANA_USERNAME",
        "GIGACITY_INFLUX_GRAFANA_PASSWORD",
    }


def test_boards_come_from_a_folder_and_cannot_be_edited_away() -> None:
    (provider,) = _load("dashboards/gigacity.yaml")["providers"]
    assert SUBSTITUTED.fullmatch(provider["options"]["path"])
    assert provider["allowUiUpdates"] is False
    assert provider["disableDeletion"] is True
    # With rule files, which know a folder by its title alone, it would make two of one name.
    assert "folderUid" not in provider


def test_every_variable_is_documented() -> None:
    text = (REPOSITORY / "docs/operators.md").read_text(encoding="utf-8")
    named = set[str]().union(*(_variables(path) for path in PROVISIONING.rglob("*.yaml")))
    assert named
    assert {name for name in named if f"`{name}`" not in text} == set()
