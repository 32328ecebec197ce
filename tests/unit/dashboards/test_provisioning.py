"""Grafana's provisioning files: what boards point at, no secret, and no known trap."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gigacity_dashboards import alert_rules, alerting
from gigacity_dashboards.alert_rules import AlertRule
from gigacity_dashboards.dataquery import DATA_SOURCE_TYPE, DATA_SOURCE_UID
from tests.support.boards import REPOSITORY, all_boards

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


RULES = alert_rules.RULES
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.uid)


def test_the_committed_rules_are_current() -> None:
    """Mend with: gigacity dashboards generate --city deploy/city/binzhou --alerts <the file>."""
    path = PROVISIONING / "alerting/gigacity.yaml"
    assert path.read_text(encoding="utf-8") == alerting.provisioning_text()


def test_rules_are_about_a_dozen_and_each_has_an_address() -> None:
    (group,) = _load("alerting/gigacity.yaml")["groups"]
    (folder,) = {provider["folder"] for provider in _load("dashboards/gigacity.yaml")["providers"]}
    assert group["folder"] == folder
    uids = [rule["uid"] for rule in group["rules"]]
    assert 10 <= len(uids) == len(set(uids)) <= 14
    assert all(len(uid) <= 40 for uid in uids)
    assert len({rule["title"] for rule in group["rules"]}) == len(uids)


@every_rule
def test_a_rule_speaks_both_languages_and_says_where_to_look(rule: AlertRule) -> None:
    assert all([*rule.title, *rule.about])
    assert alert_rules.board_of(rule) in {board.uid for board in all_boards()}
    runbook = (REPOSITORY / alerting.RUNBOOK).read_text(encoding="utf-8")
    assert f"## {rule.section.capitalize()}" in runbook


@every_rule
def test_a_rule_asks_for_what_is_always_published(rule: AlertRule) -> None:
    """A series that vanishes would count as well again: none is a single object's."""
    assert not {'"olt"', '"device"', '"community"', '"port"'} & set(rule.query.split())
    assert rule.query.count("$timeFilter") == rule.query.count("SELECT ")
    assert rule.silence_is_bad or "count(" not in rule.query or " = false" in rule.query
