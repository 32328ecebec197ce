"""The catalogue of alarms: whole, in two languages, and with one meaning for each name."""

import re
from pathlib import Path

from gigacity_api.alarms.catalogue import ALARM_TYPES, CAUSES, KNOBS
from gigacity_api.alarms.model import (
    AlarmResource,
    ResourceKind,
    alarm_id,
)
from gigacity_city.vocabulary import PARAMETERS


def test_every_type_says_everything_in_both_languages() -> None:
    texts = [text for t in ALARM_TYPES.values() for text in (t.name, t.next_step)]
    texts += [k.meaning for k in KNOBS.values()] + [c.name for c in CAUSES.values()]

    assert [text for text in texts if not (text.zh and text.en)] == []
    assert all(k.low <= k.default <= k.high for k in KNOBS.values())


def test_a_city_may_set_every_number_within_the_same_limits() -> None:
    assert {name: PARAMETERS[name] for name in KNOBS} == {
        name: (knob.low, knob.high) for name, knob in KNOBS.items()
    }


def test_what_is_about_life_and_safety_is_never_delayed() -> None:
    urgent = [t for t in ALARM_TYPES.values() if t.is_life_safety]

    assert {t.id.removeprefix("safety.") for t in urgent} == {
        "smoke", "gas", "sos", "door_forced", "manhole_displaced",
    }  # fmt: skip
    assert {t.on_delay_s for t in urgent} == {0}


def test_every_type_leads_to_a_place_in_the_runbook() -> None:
    page = (Path(__file__).parents[3] / "docs/runbook.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", page, flags=re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings}

    assert {t.runbook for t in ALARM_TYPES.values()} <= anchors


def test_the_same_alarm_has_the_same_name_for_ever() -> None:
    port = AlarmResource(ResourceKind.PORT, "olt-1/2/3", "371602")

    assert alarm_id("pon.port_down", port) == "7a2ffb8a33f6069f"
    assert alarm_id("pon.port_down", port) != alarm_id("pon.rx_low", port)
