"""``gigacity city``: check a city folder."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Check a city folder.",
    epilog="Example: gigacity city check deploy/city/binzhou",
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Make ``city`` a group although it has one command."""


@app.command(epilog="Example: gigacity city check deploy/city/binzhou")
def check(
    city: Annotated[Path, typer.Argument(envvar="GIGACITY_CITY", help="Folder of the city file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Load a city folder; print what it contains, or each error with file, row and column."""
    from gigacity_city.load import load_city  # noqa: PLC0415 - keeps --help quick

    loaded = load_city(city)
    counts = {
        "version": loaded.version,
        "code": loaded.code,
        "name": loaded.name.en,
        "profile": loaded.profile,
        "areas": len(loaded.areas),
        "communities": len(loaded.communities),
        "buildings": len(loaded.buildings),
        "households": sum(building.households for building in loaded.buildings),
        "olts": len(loaded.olts),
        "ports": len(loaded.ports),
        "gateways": len(loaded.gateways),
        "devices": len(loaded.devices),
        "targets": len(loaded.targets),
    }
    if as_json:
        sys.stdout.write(json.dumps(counts, ensure_ascii=False) + "\n")
        return
    width = max(map(len, counts))
    sys.stdout.writelines(
        f"{key:<{width}}  {format(value, ',') if isinstance(value, int) else value}\n"
        for key, value in counts.items()
    )
