"""One community against the smart-community standard, as far as that is public. Pure.

Known only to the process that evaluates; a replica's pages leave it out.
"""

from dataclasses import dataclass

from gigacity_api.indicators.entries import ItemEntry
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.verdicts import NAMES, VerdictName
from gigacity_api.site.figure_view import amount
from gigacity_api.site.public_scope import LEAST_OBJECTS
from gigacity_api.site.snapshot import SiteSnapshot
from gigacity_api.site.words import VERDICTS, Words

SMART = REGISTRY["community.smart_coverage"]

_OF_OBJECT: dict[VerdictName, str] = {"in": "met", "out": "missed", "unknown": "undetermined"}
"""A community that meets the standard is shown as a figure that meets its target."""


@dataclass(frozen=True, slots=True)
class StandardLine:
    """An item of the standard."""

    name: str
    value: str
    """Empty: too few objects, or nothing is known."""
    threshold: str
    is_required: bool
    verdict: str
    sign: str
    word: str


@dataclass(frozen=True, slots=True)
class StandardView:
    """Whether a community meets the standard, and each of its items."""

    verdict: str
    sign: str
    word: str
    reason: str
    lines: tuple[StandardLine, ...]


def verdicts_of_communities(snapshot: SiteSnapshot) -> dict[str, str] | None:
    """By code, as a figure's verdict; None: this process does not know."""
    evaluation = snapshot.publication.evaluation
    if evaluation is None or not snapshot.scope.has(SMART.id):
        return None
    verdicts = SMART.rule.judge(evaluation.instant).verdicts.tolist()
    communities = snapshot.city.communities
    return {
        community.code: _OF_OBJECT[NAMES[verdict]]
        for community, verdict in zip(communities, verdicts, strict=True)
    }


def standard_view(t: Words, snapshot: SiteSnapshot, code: str) -> StandardView | None:
    """A community that is public; None: this process does not know."""
    evaluation = snapshot.publication.evaluation
    if evaluation is None or not snapshot.scope.has(SMART.id):
        return None
    index = snapshot.publication.inventory.community_index[code]
    entry = SMART.entry(evaluation.instant, index)
    verdict = _OF_OBJECT[entry.verdict]
    sign, word = VERDICTS[verdict]
    return StandardView(
        verdict=verdict,
        sign=sign,
        word=t.of(word),
        reason=entry.reason.zh if t.language == "zh" else entry.reason.en,
        lines=tuple(_line(t, item) for item in entry.items),
    )


def _line(t: Words, entry: ItemEntry) -> StandardLine:
    item, verdict = entry.item, _OF_OBJECT[entry.verdict]
    sign, word = VERDICTS[verdict]
    lower, upper, value = (
        amount(number, is_ratio=True, target=item.threshold)
        for number in (entry.lower, entry.upper, entry.value)
    )
    if entry.denominator is None or entry.denominator < LEAST_OBJECTS:
        shown = ""
    elif entry.lower == entry.upper:
        shown = value
    else:
        shown = t("to", lower=lower, upper=upper)
    return StandardLine(
        name=t.heading(item.name),
        value=shown,
        threshold=t("target_least", value=f"{item.threshold * 100:.4g}%"),
        is_required=item.required,
        verdict=verdict,
        sign=sign,
        word=t.of(word),
    )
