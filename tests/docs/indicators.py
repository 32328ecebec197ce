"""``docs/indicators.md``, made from the registry of indicators."""

from functools import lru_cache
from pathlib import Path

from gigacity_api.indicators.definitions import Definition, Indicator
from gigacity_api.indicators.quality import GRADES, IMPLAUSIBLE_SHARE, UNREGISTERED_SHARE
from gigacity_api.indicators.registry import REASONS, REGISTRY, REPORTED
from gigacity_api.indicators.subjects.port.plausibility import TEXTS as CONTRADICTIONS
from gigacity_city.load import load_city
from gigacity_city.model import City

_DEMO = Path(__file__).parents[2] / "deploy" / "city" / "binzhou-demo"


@lru_cache(maxsize=1)
def _demo() -> City:
    return load_city(_DEMO)


def _reporters(definition: Definition) -> str:
    """Whose reports count; the demo's city has every kind."""
    kinds = set(definition.windows_ms(_demo()))
    if kinds == set(_demo().device_kinds):
        return "every device"
    return ", ".join(sorted(kinds)).replace("pon", "ports") or "nobody: it is the city file's"


_HEAD = """\
# Indicators

Generated from the registry (`gigacity_api.indicators.registry`);
edit that, then run `python -m tests.docs`.

Every figure carries its value, numerator, denominator, bounds, verdict against its target, quality,
and the objects behind it.
A count is the known in; a ratio is known in / (known in + known out).
The known are objects (ports, devices, communities), households, or for `onu.online` ONUs.
The lower bound counts everything unknown out, the upper bound counts it in, both over everything
that is registered.
A figure is *met* if its lower bound reaches the target, *missed* if its upper bound does not, else
*undetermined*.
A report counts while `as_of - window < ts <= as_of`.
Exactly what counts, with worked examples: [rules of figures](figures.md).
Targets, thresholds and parameters are in the city file, with their sources.
A figure whose parameter the city file does not have is not computed.

**Which method.** A figure names the version of its formula (`method_version`) and that of the city
file (`city_version`), which is kept for ever and has every number that the formula took.
`gigacity_api.indicators.methods.method_of` makes one word of both, such as `1-3f9a02c4`: it changes
when a formula or one of its numbers changes, from the instant at which that city file came into
force; figures of earlier instants keep theirs.

**What bounds cover.** Whatever subset of reports has arrived, the truth lies between the bounds:
the state that each object last sampled for a report due at or before the instant. Two exceptions:

- Between two reports of an object its last one stands. If it changed and the report that says so is
  missing while an older one is still inside the window, the verdict is old until the window has
  passed; it is never older than one window.
- Silence of a device is *out* while its gateway (for a device of its own, any report of its area)
  is proven to deliver ([rules, section 7](figures.md#7-proven-to-deliver)). A device that samples
  but alone cannot deliver is therefore *out*: behind a gateway after its window, else after its
  patience, or as soon as its will comes.

Silence of a port says nothing of its ONUs: they are unknown.

"""


def _section(definition: Definition) -> str:
    levels = ", ".join(definition.levels)
    parameters = ", ".join(f"`{name}`" for name in definition.parameters) or "none"
    return f"""\
## `{definition.id}`

{definition.name.zh} · {definition.name.en}

| | |
|---|---|
| formula | {definition.formula.en} |
| 公式 | {definition.formula.zh} |
| unit | {definition.unit} |
| levels | {levels} |
| evidence lists | {definition.subject} |
| window | {definition.window.en} |
| rests on reports of | {_reporters(definition)} |
| better | {"higher" if definition.direction == "at_least" else "lower"} |
| parameters | {parameters} |
| asked for by | {_standard(definition)} |
| method | version {definition.method_version}, in force from {definition.effective} |

"""


def _standard(indicator: Indicator) -> str:
    name, date = indicator.standard
    return f"{name.zh} ({name.en}{f', {date}' if date else ''})"


def _reported() -> str:
    rows = [
        f"| `{r.id}` | {r.name.zh} | {r.name.en}: {r.formula.en} | {r.unit} | {_standard(r)} |"
        for r in REPORTED.values()
    ]
    return (
        "## Reported by offices\n\n"
        "Entered with their evidence, never computed. Method version 1 of each is in force from"
        f" {next(iter(REPORTED.values())).effective}; for all of them more is better.\n\n"
        "| id | 名称 | what is reported | unit | asked for by |\n|---|---|---|---|---|\n"
        + "\n".join(rows)
        + "\n\n"
    )


def _levels_of_communities() -> str:
    return (
        "## Levels of a smart community\n\n"
        "An item has a threshold for the basic level (基础型) and, where the city file knows them,"
        " for the growth (成长型) and benchmark (标杆型) levels.\n"
        "A community reaches a level if it reaches the one below it, and every required item"
        " reaches that level's threshold.\n"
        "A level for which some required item has no threshold is not assessed: evidence says"
        " `not_assessed`, and items that nothing here can measure are named in the city file.\n"
        "The coverage counts the basic level.\n"
        "The threshold of an item stands as the target of its figure in a community; at city and"
        " area the sum has a target only if the city file sets one.\n\n"
    )


def _kinds() -> str:
    rows = [
        f"| `{d.id}` | {d.name.zh} | {d.name.en} |" for d in REGISTRY.values() if _is_of_kind(d)
    ]
    return (
        "## By kind of device\n\nAs `device.online`, for one kind, at city and area.\n\n"
        "| id | 名称 | name |\n|---|---|---|\n" + "\n".join(rows) + "\n\n"
    )


def _quality() -> str:
    rows = [f"| {name} | at least {least:.0%} |" for name, least in GRADES]
    contradictions = [f"| `{c}` | {text.zh} | {text.en} |" for c, text in CONTRADICTIONS.items()]
    worst = f"| D | below {GRADES[-1][1]:.0%} |"
    return (
        "## Quality\n\n"
        "The grade is the share of the expected reporters that have a report inside the window.\n"
        f"More than {UNREGISTERED_SHARE:.0%} of unregistered reporters lower it by one, and so do"
        f" more than {IMPLAUSIBLE_SHARE:.0%} of fresh ones whose newest report contradicts"
        " itself.\n\n"
        "| grade | fresh share |\n|---|---|\n" + "\n".join([*rows, worst]) + "\n\n"
        "What contradicts itself, of ports; `/api/v1/quality` counts them by area,"
        " `/api/v1/quality/implausible` lists them.\n"
        "No verdict follows from it, since nobody can say which of two values is wrong.\n"
        "Reports of devices have no two values that could contradict each other.\n\n"
        "| slug | 说明 | meaning |\n|---|---|---|\n" + "\n".join(contradictions) + "\n\n"
        "Values out of their range, wrong clocks and duplicates never reach the database: the"
        " worker leaves them out and counts them by reason, so these are known by worker (and, as"
        " workers own disjoint areas, by its areas), not by area and kind.\n"
        "Two reports of one object with the same `ts` are one point in the database; only the"
        " worker could see both.\n"
        "What it left out of a report shows here as *incomplete*, by area and kind: the newest"
        " report lacks a value that a figure needs.\n\n"
    )


def _reasons() -> str:
    rows = [f"| `{reason}` | {zh} | {en} |" for reason, zh, en in REASONS.values()]
    return (
        "## Why a verdict\n\nSlugs of evidence entries; they never change their meaning.\n\n"
        "| slug | 说明 | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def indicators_page() -> str:
    """``docs/indicators.md``."""
    sections = [_section(d) for d in REGISTRY.values() if not _is_of_kind(d)]
    rest = (_kinds(), _levels_of_communities(), _reported(), _quality(), _reasons())
    return _HEAD + "".join([*sections, *rest])


def _is_of_kind(definition: Definition) -> bool:
    return definition.device_kind is not None and definition.item is None
