"""``gigacity credentials``: passwords of MQTT publishers, and API keys."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from gigacity_contract.errors import ConfigError
from gigacity_contract.process.settings import field_password, read_secret

app = typer.Typer(
    help="Create passwords for MQTT publishers, and keys for the API.",
    epilog="Example: gigacity credentials api-key --name dashboard --scope read"
    " --file secrets/api_keys.jsonl",
    no_args_is_help=True,
)

FIELD_SECRET = "GIGACITY_FIELD_SECRET"  # noqa: S105 - the variable's name


@app.command(
    epilog="Example: GIGACITY_FIELD_SECRET_FILE=secrets/field gigacity credentials field"
    " --city deploy/city/binzhou --output passwords"
)
def field(
    city: Annotated[Path, typer.Option(envvar="GIGACITY_CITY", help="Folder of the city file.")],
    output: Annotated[Path, typer.Option(help="Mosquitto password file; it is replaced.")],
    retired: Annotated[
        bool,
        typer.Option("--retired", help="Also for publishers that still use a former area code."),
    ] = False,
) -> None:
    """Write the broker's password file: every publisher of the city, and the worker.

    The publishers' passwords are derived from GIGACITY_FIELD_SECRET (or _FILE), one secret for the
    whole city; the worker's is GIGACITY_MQTT_PASSWORD (or _FILE). Send SIGHUP to Mosquitto
    afterwards: it then reads the file again.
    """
    from gigacity_city.load import load_city  # noqa: PLC0415 - keeps --help quick
    from gigacity_deploy.credentials import password_lines  # noqa: PLC0415 - as above
    from gigacity_deploy.identities import field_identities  # noqa: PLC0415 - as above
    from gigacity_deploy.private_files import write_private  # noqa: PLC0415 - as above

    secret = read_secret(FIELD_SECRET, os.environ)
    if not secret:
        raise ConfigError(f"{FIELD_SECRET} is not set; set it or {FIELD_SECRET}_FILE")
    worker = read_secret("GIGACITY_MQTT_PASSWORD", os.environ)
    identities = field_identities(load_city(city), retired=retired)
    lines = list(password_lines(identities, field_secret=secret, worker_password=worker))
    write_private(output, "".join(line + "\n" for line in lines))
    note = "" if worker else "; no account for the worker: GIGACITY_MQTT_PASSWORD is not set"
    sys.stdout.write(f"{output}: {len(lines):,} accounts{note}\n")


@app.command(
    epilog="Example: GIGACITY_FIELD_SECRET_FILE=secrets/field gigacity credentials show"
    " 371602/olt/olt-1"
)
def show(
    identity: Annotated[str, typer.Argument(help="The MQTT user name, such as 371602/olt/olt-1.")],
) -> None:
    """Print the MQTT password of one publisher, to be entered in its configuration."""
    secret = read_secret(FIELD_SECRET, os.environ)
    if not secret:
        raise ConfigError(f"{FIELD_SECRET} is not set; set it or {FIELD_SECRET}_FILE")
    sys.stdout.write(field_password(secret, identity).reveal() + "\n")


@app.command(
    name="api-key",
    epilog="Example: gigacity credentials api-key --name dashboard --scope read"
    " --file secrets/api_keys.jsonl",
)
def api_key(
    name: Annotated[str, typer.Option(help="Who uses the key; the API's log shows it.")],
    file: Annotated[
        Path,
        typer.Option(
            envvar="GIGACITY_API_KEYS_FILE", help="File of API keys; the new one is appended."
        ),
    ],
    scope: Annotated[
        list[str], typer.Option(help="What the key allows: read, report or admin; may be repeated.")
    ],
) -> None:
    """Create an API key. It is printed once; the file keeps only its hash."""
    from gigacity_deploy.credentials import new_api_key  # noqa: PLC0415 - keeps --help quick
    from gigacity_deploy.private_files import append_private  # noqa: PLC0415 - as above

    made = new_api_key(name, scope)
    append_private(file, made.line + "\n")
    sys.stdout.write(made.key.reveal() + "\n")
