"""city.yaml of a smaller city, derived from the hand-written one of the full city."""

from typing import Any

import yaml

from gigacity_city.document import plain_document
from gigacity_contract.kinds import CATALOGUE
from gigacity_simulators.citygen.profile import CityProfile

_COUNT_TARGETS = frozenset({"pon.ports_10g"})
"""Targets that grow with the city; shares and what offices report stay as they are."""

_HEADER = """\
# Made by `gigacity generate-city --profile {name}`, from {base}:
# edit that one and generate again.
# Names, codes, rules and sources are those of the full city. Synthetic here: every table, the
# targets that are counts (one {scale}th of the plan's), and the cadence, which is faster.
"""


class _PlainDumper(yaml.SafeDumper):
    """Writes every value where it is used, without anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  PyYAML gives the signature.
        return True


def derive_outline(base_text: str, base_name: str, profile: CityProfile) -> str:
    """The base text with this profile's name, count targets and cadence."""
    if profile.scale == 1:
        return base_text
    outline: dict[str, Any] = plain_document(base_text)
    outline["profile"] = profile.name
    outline["targets"] = [_target(target, profile) for target in outline["targets"]]
    outline["cadence"] |= {
        "pon_s": profile.cadence["pon"],
        "device_s": dict.fromkeys(CATALOGUE, profile.cadence["device"]),
    }
    header = _HEADER.format(name=profile.name, base=base_name, scale=profile.scale)
    body = yaml.dump(outline, Dumper=_PlainDumper, allow_unicode=True, sort_keys=False, width=100)
    return header + body


def _target(target: dict[str, Any], profile: CityProfile) -> dict[str, Any]:
    if target["indicator"] not in _COUNT_TARGETS:
        return target
    value = target["value"]
    source = dict(target["source"])
    source["text"] = f"synthetic: {value} of the plan divided by {profile.scale}; {source['text']}"
    source["confirmed"] = False
    return target | {"value": max(1, value // profile.scale), "source": source}
