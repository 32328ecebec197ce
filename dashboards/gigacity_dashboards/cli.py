"""``gigacity dashboards``: generate the boards, and verify them in a running Grafana."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.process.options import options_of, secret, setting
from gigacity_contract.process.settings import parse_url

REQUIRES = ("grafana_client", "grafana_foundation_sdk")

app = typer.Typer()
dashboards = typer.Typer(
    help="Grafana boards as code.",
    epilog="Example: gigacity dashboards generate --city deploy/city/binzhou"
    " --out dashboards/generated",
    no_args_is_help=True,
)
app.add_typer(dashboards, name="dashboards")


@dataclass(frozen=True, kw_only=True)
class BoardSettings:
    """Of which city the boards are."""

    city: Path = setting(meaning="city folder: the names of the city and its areas")


@dataclass(frozen=True, kw_only=True)
class GrafanaSettings(BoardSettings):
    """What ``gigacity dashboards verify`` may be told."""

    grafana_url: str = setting(flags=("--grafana-url", "--url"), meaning="where Grafana is")
    grafana_username: str = setting(
        "", flags=("--grafana-username", "--username"), meaning="its user; empty: a token"
    )
    grafana_password: Secret = secret(meaning="that user's password")
    grafana_token: Secret = secret(
        meaning="a service account's token, instead of user and password"
    )

    def __post_init__(self) -> None:
        if bool(self.grafana_password) == bool(self.grafana_token):
            raise ConfigError(
                "set either GIGACITY_GRAFANA_USERNAME and GIGACITY_GRAFANA_PASSWORD (or ..._FILE),"
                " or GIGACITY_GRAFANA_TOKEN (or ..._FILE)"
            )
        if bool(self.grafana_username) != bool(self.grafana_password):
            raise ConfigError(
                "GIGACITY_GRAFANA_USERNAME and GIGACITY_GRAFANA_PASSWORD (or ..._FILE) belong"
                " together"
            )


@dashboards.command(
    epilog="Example: gigacity dashboards generate --city deploy/city/binzhou"
    " --out dashboards/generated"
)
@options_of(BoardSettings)
def generate(
    *,
    out: Annotated[Path, typer.Option(help="Folder of the generated JSON.")] = Path(
        "dashboards/generated"
    ),
    alerts: Annotated[
        Path | None,
        typer.Option(help="File of Grafana's alert rules; default: they are left alone."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the folder is not current.")
    ] = False,
    given: BoardSettings,
) -> None:
    """Write every board as JSON, one file a board and language, and the alert rules if asked to."""
    # The SDK takes half a second to import; --help should not.
    from gigacity_dashboards import alerting, catalogue, city_names  # noqa: PLC0415 - see above
    from gigacity_dashboards import generate as files  # noqa: PLC0415 - see above

    boards = catalogue.boards(city_names.read_city_names(given.city))
    if not check:
        changed = files.write(boards, out)
        if alerts is not None:
            alerts.write_text(alerting.provisioning_text(), encoding="utf-8")
        sys.stdout.writelines(f"{path}\n" for path in changed)
        sys.stdout.write(f"{len(boards)} boards in {out}, {len(changed)} files changed\n")
        return
    faults = files.outdated(boards, out)
    if faults:
        sys.stderr.writelines(f"{fault}\n" for fault in faults)
        sys.stderr.write(f"Run: gigacity dashboards generate --city {given.city} --out {out}\n")
        raise typer.Exit(1)
    sys.stdout.write(f"{len(boards)} boards in {out} are current\n")


@dashboards.command(
    epilog="Example: GIGACITY_GRAFANA_USERNAME=admin GIGACITY_GRAFANA_PASSWORD_FILE=secrets/grafana"
    " gigacity dashboards verify --grafana-url http://127.0.0.1:3000 --city deploy/city/binzhou"
)
@options_of(GrafanaSettings)
def verify(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    given: GrafanaSettings,
) -> None:
    """Ask a running Grafana for its health, the data source, every board and every panel's data.

    Exits 0 only when all is well, 1 when anything is not, 2 for a wrong call.
    """
    from gigacity_dashboards import catalogue, city_names, report  # noqa: PLC0415 - quick --help
    from gigacity_dashboards import verify as verifying  # noqa: PLC0415 - quick --help
    from gigacity_dashboards.grafana import Grafana, Login  # noqa: PLC0415 - quick --help

    address = parse_url("GIGACITY_GRAFANA_URL", given.grafana_url, ("http", "https"))
    boards = catalogue.boards(city_names.read_city_names(given.city))
    login = Login(given.grafana_username, given.grafana_password or given.grafana_token)
    grafana = Grafana(address, login)
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
