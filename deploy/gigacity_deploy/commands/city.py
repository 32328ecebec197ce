"""``gigacity city``: check a city folder, and say that it is whole."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gigacity_city.load import LoadedCity

app = typer.Typer(
    help="Check a city folder, or say that it is whole.",
    epilog="Example: gigacity city check deploy/city/binzhou",
    no_args_is_help=True,
)

CityArgument = Annotated[
    Path, typer.Argument(envvar="GIGACITY_CITY", help="Folder of the city file.")
]


@app.command(epilog="Example: gigacity city check deploy/city/binzhou")
def check(
    city: CityArgument,
    against: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the city in force, such as STATE_DIR/city/VERSION: says what would keep"
            " CITY from coming into force."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Load a city folder; print what it contains, or each error with file, row and column."""
    from gigacity_city.load import load_city, load_whole  # noqa: PLC0415 - keeps --help quick
    from gigacity_city.wholeness import table_counts  # noqa: PLC0415

    in_force = None if against is None else table_counts(load_city(against))
    _print(load_whole(city, in_force), as_json=as_json)
    age_s = _written_s_ago(city)
    if age_s is not None:
        sys.stderr.write(
            f"written {age_s:.0f} s ago: not taken before every file stood still for a while\n"
        )


@app.command(epilog="Example: gigacity city accept deploy/city/binzhou")
def accept(
    city: CityArgument,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say that a city folder is whole: write SHA256SUMS into it, and print what it contains.

    From then on no change of its files is taken until they are accepted again.
    """
    from gigacity_city.load import load_unproven  # noqa: PLC0415 - keeps --help quick
    from gigacity_city.wholeness import write_checksums  # noqa: PLC0415
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415

    age_s = _written_s_ago(city)
    if age_s is not None:
        raise ConfigError(
            f"{city} was written {age_s:.0f} s ago: wait until nothing is being copied any more"
        )
    loaded = load_unproven(city)
    path = write_checksums(city, loaded.files)
    _print(loaded, as_json=as_json)
    sys.stderr.write(f"wrote {path}\n")


def _written_s_ago(city: Path) -> float | None:
    """Seconds since a file was written last; None: all stand still."""
    from gigacity_city.reload import SETTLE_S  # noqa: PLC0415
    from gigacity_city.wholeness import CHECKSUMS, stamps_of  # noqa: PLC0415
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415

    stamps = stamps_of(city).items()
    written_ns = max((s.written_ns for name, s in stamps if s and name != CHECKSUMS), default=0)
    age_s = SystemClock().now_ms() / 1e3 - written_ns / 1e9
    return age_s if 0 <= age_s < SETTLE_S else None


def _print(loaded: "LoadedCity", *, as_json: bool) -> None:
    city = loaded.city
    counts = {
        "version": city.version,
        "code": city.code,
        "name": city.name.en,
        "profile": city.profile,
        "areas": len(city.areas),
        "communities": len(city.communities),
        "buildings": len(city.buildings),
        "households": sum(building.households for building in city.buildings),
        "olts": len(city.olts),
        "ports": len(city.ports),
        "gateways": len(city.gateways),
        "devices": len(city.devices),
        "foreign_ids": len(city.foreign_ids),
        "targets": len(city.targets),
    }
    if as_json:
        sys.stdout.write(json.dumps(counts, ensure_ascii=False) + "\n")
        return
    width = max(map(len, counts))
    sys.stdout.writelines(
        f"{key:<{width}}  {format(value, ',') if isinstance(value, int) else value}\n"
        for key, value in counts.items()
    )
