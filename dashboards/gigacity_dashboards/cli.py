"""``gigacity dashboards``: generate the boards, and verify them in a running Grafana."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gigacity_contract.errors import ConfigError
from gigacity_contract.process.settings import parse_url, read_secret

if TYPE_CHECKING:
    from gigacity_dashboards.grafana import Login

REQUIRES = ("grafana_client", "grafana_foundation_sdk")

app = typer.Typer()
dashboards = typer.Typer(
    help="Grafana boards as code.",
    epilog="Example: gigacity dashboards generate --city deploy/city/binzhou"
    " --out dashboards/generated",
    no_args_is_help=True,
)
app.add_typer(dashboards, name="dashboards")


def _login(username: str) -> "Login":
    from gigacity_dashboards.grafana import Login  # noqa: PLC0415 - quick --help

    password = read_secret("GIGACITY_GRAFANA_PASSWORD", os.environ)
    token = read_secret("GIGACITY_GRAFANA_TOKEN", os.environ)
    if bool(password) == bool(token):
        raise ConfigError(
            "set either GIGACITY_GRAFANA_USERNAME and GIGACITY_GRAFANA_PASSWORD (or ..._FILE), or"
            " GIGACITY_GRAFANA_TOKEN (or ..._FILE)"
        )
    if bool(username) != bool(password):
        raise ConfigError(
            "GIGACITY_GRAFANA_USERNAME and GIGACITY_GRAFANA_PASSWORD (or ..._FILE) belong together"
        )
    return Login(username, password or token)


City = Annotated[
    Path,
    typer.Option(envvar="GIGACITY_CITY", help="City folder: the names of the city and its areas."),
]


@dashboards.command(
    epilog="Example: gigacity dashboards generate --city deploy/city/binzhou"
    " --out dashboards/generated"
)
def generate(
    city: City,
    out: Annotated[Path, typer.Option(help="Folder of the generated JSON.")] = Path(
        "dashboards/generated"
    ),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the folder is not current.")
    ] = False,
) -> None:
    """Write every board as JSON, one file a board and language."""
    # The SDK takes half a second to import; --help should not.
    from gigacity_dashboards import catalogue, city_names  # noqa: PLC0415 - see above
    from gigacity_dashboards import generate as files  # noqa: PLC0415 - see above

    boards = catalogue.boards(city_names.read_city_names(city))
    if not check:
        changed = files.write(boards, out)
        sys.stdout.writelines(f"{path}\n" for path in changed)
        sys.stdout.write(f"{len(boards)} boards in {out}, {len(changed)} files changed\n")
        return
    faults = files.outdated(boards, out)
    if faults:
        sys.stderr.writelines(f"{fault}\n" for fault in faults)
        sys.stderr.write(f"Run: gigacity dashboards generate --city {city} --out {out}\n")
        raise typer.Exit(1)
    sys.stdout.write(f"{len(boards)} boards in {out} are current\n")


@dashboards.command(
    epilog="Example: GIGACITY_GRAFANA_USERNAME=admin GIGACITY_GRAFANA_PASSWORD_FILE=secrets/grafana"
    " gigacity dashboards verify --grafana-url http://127.0.0.1:3000 --city deploy/city/binzhou"
)
def verify(
    city: City,
    grafana_url: Annotated[
        str, typer.Option("--grafana-url", "--url", envvar="GIGACITY_GRAFANA_URL", help="Grafana.")
    ],
    grafana_username: Annotated[
        str,
        typer.Option(
            "--grafana-username",
            "--username",
            envvar="GIGACITY_GRAFANA_USERNAME",
            help="Its password comes from GIGACITY_GRAFANA_PASSWORD or ..._FILE; without a user"
            " GIGACITY_GRAFANA_TOKEN or ..._FILE is used.",
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Ask a running Grafana for its health, the data source, every board and every panel's data.

    Exits 0 only when all is well, 1 when anything is not, 2 for a wrong call.
    """
    from gigacity_dashboards import catalogue, city_names, report  # noqa: PLC0415 - quick --help
    from gigacity_dashboards import verify as verifying  # noqa: PLC0415 - quick --help
    from gigacity_dashboards.grafana import Grafana  # noqa: PLC0415 - quick --help

    address = parse_url("GIGACITY_GRAFANA_URL", grafana_url, ("http", "https"))
    boards = catalogue.boards(city_names.read_city_names(city))
    grafana = Grafana(address, _login(grafana_username))
    try:
        checks = list(verifying.checks(grafana, boards))
    finally:
        grafana.close()
    if as_json:
        sys.stdout.write(report.as_json(checks) + "\n")
    else:
        report.print_table(checks, sys.stdout)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)
