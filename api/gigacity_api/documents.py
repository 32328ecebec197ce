"""The documents that are generated from the code: ``docs/indicators.md``, ``docs/openapi.json``.

``python -m gigacity_api.documents docs`` writes both; a test keeps them current. Pure but for the
writing in ``main``.
"""

import json
import sys
from pathlib import Path

from gigacity_api.app import bare_app
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.quality import GRADES, STRANGER_SHARE
from gigacity_api.indicators.reasons import TEXTS
from gigacity_api.indicators.registry import REGISTRY

_HEAD = """\
# Indicators

Generated from the registry (`gigacity_api.indicators.registry`);
edit that, then run `python -m gigacity_api.documents docs`.

Every figure carries its value, numerator, denominator, bounds, verdict against its target, quality,
and the objects behind it.
A count is the known in; a ratio is known in / (known in + known out).
The lower bound counts everything unknown out, the upper bound counts it in, both over everything
that is registered.
A figure is *met* if its lower bound reaches the target, *missed* if its upper bound does not, else
*undetermined*.
A report counts while `as_of - window < ts <= as_of`.
Targets and thresholds are in the city file, with their sources.

What bounds do not cover: between two reports of an object its last one stands.
If it changed and the report that says so is lost, the verdict is old until the window has passed.

"""


def _section(definition: Definition) -> str:
    levels = ", ".join(definition.levels)
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
| better | {"higher" if definition.direction == "at_least" else "lower"} |
| asked for by | {definition.standard.zh} ({definition.standard.en}) |
| method | version {definition.method_version}, in force from {definition.effective} |

"""


def _kinds() -> str:
    rows = [
        f"| `{d.id}` | {d.name.zh} | {d.name.en} |"
        for d in REGISTRY.values()
        if d.device_kind is not None
    ]
    return (
        "## By kind of device\n\nAs `device.online`, for one kind, at city and area.\n\n"
        "| id | 名称 | name |\n|---|---|---|\n" + "\n".join(rows) + "\n\n"
    )


def _quality() -> str:
    rows = [f"| {name} | at least {least:.0%} |" for name, least in GRADES]
    worst = f"| D | below {GRADES[-1][1]:.0%} |"
    return (
        "## Quality\n\n"
        "The grade is the share of the expected reporters that have a report inside the window.\n"
        f"More than {STRANGER_SHARE:.0%} of unregistered reporters lower it by one.\n\n"
        "| grade | fresh share |\n|---|---|\n" + "\n".join([*rows, worst]) + "\n\n"
    )


def _reasons() -> str:
    rows = [f"| `{reason}` | {text.zh} | {text.en} |" for reason, text in TEXTS.items()]
    return (
        "## Why a verdict\n\nSlugs of evidence entries; they never change their meaning.\n\n"
        "| slug | 说明 | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def indicators_page() -> str:
    """``docs/indicators.md``."""
    sections = [_section(d) for d in REGISTRY.values() if d.device_kind is None]
    return _HEAD + "".join(sections) + _kinds() + _quality() + _reasons()


def openapi_text() -> str:
    """``docs/openapi.json``."""
    document = bare_app().openapi()
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def main(folder: Path) -> None:
    """Write both documents."""
    (folder / "indicators.md").write_text(indicators_page(), encoding="utf-8")
    (folder / "openapi.json").write_text(openapi_text(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
