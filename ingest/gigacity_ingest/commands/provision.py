"""``gigacity provision``: storage and credentials in the database, made by an administrator."""

import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gigacity_contract.process.options import options_of
from gigacity_ingest.settings import ProvisionSettings

if TYPE_CHECKING:
    from gigacity_contract.access import Secret
    from gigacity_contract.influx import InfluxEndpoint, Server
    from gigacity_ingest.influx.writer import InfluxWriter

app = typer.Typer()
ROLES = ("worker", "api", "grafana")
_Say = Callable[[str], object]


@app.command(
    epilog="Example (1.x): GIGACITY_INFLUX_ADMIN_PASSWORD_FILE=admin.txt"
    " GIGACITY_INFLUX_WORKER_PASSWORD_FILE=worker.txt gigacity provision"
    " --influx-admin-username admin"
)
@options_of(ProvisionSettings)
def provision(given: ProvisionSettings) -> None:
    """Make database, retention policies and users (1.x), or buckets, mappings and tokens (2.x).

    May be run again. Each role has the least rights that it needs. On 1.x a user is made for every
    role whose password is given (GIGACITY_INFLUX_WORKER_PASSWORD, _API_PASSWORD, _GRAFANA_PASSWORD,
    or the same with _FILE); without administrator and passwords only the storage is made.
    """
    from gigacity_contract.errors import GigacityError  # noqa: PLC0415 - keeps --help quick.
    from gigacity_ingest.influx.writer import InfluxWriter  # noqa: PLC0415

    endpoint = given.endpoint_for(
        given.influx_admin_username, given.influx_admin_password, given.influx_admin_token
    )
    try:
        with InfluxWriter(endpoint, timeout_s=15.0) as writer:
            server = writer.ping()
            _say(f"{endpoint.address} is {server}")
            if server.has_buckets:
                _provision_v2(endpoint, given.influx_org, given.tokens_dir)
            else:
                _provision_v1(server, writer, endpoint, given.passwords)
    except GigacityError as error:
        sys.stderr.write(f"gigacity: {error}{_advice(error)}\n")
        raise typer.Exit(_exit_code(error)) from None


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _exit_code(error: Exception) -> int:
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415

    return 2 if isinstance(error, ConfigError) else 1


def _advice(error: Exception) -> str:
    from gigacity_contract.errors import QueryError  # noqa: PLC0415

    if isinstance(error, QueryError) and error.status in {401, 403}:
        return "; check GIGACITY_INFLUX_ADMIN_USERNAME and GIGACITY_INFLUX_ADMIN_PASSWORD"
    return ""


def _provision_v1(
    server: "Server",
    writer: "InfluxWriter",
    endpoint: "InfluxEndpoint",
    passwords: "dict[str, Secret]",
) -> None:
    from gigacity_ingest.provisioning import influx1, roles, storage  # noqa: PLC0415

    run = influx1.runner(writer)
    if endpoint.has_credentials and influx1.create_first_admin(
        run, endpoint.username, endpoint.secret
    ):
        _say(f"first administrator {endpoint.username} made")
    for remark in storage.create_storage(server, writer, endpoint, ""):
        _say(remark)
    _say(f"database {endpoint.bucket} with its retention policies is there")
    for name, password in passwords.items():
        if password:
            role = roles.DatabaseRole(name, password)
            influx1.create_user(run, role, endpoint.bucket)
            _say(f"user {role.user} may {roles.PRIVILEGES[name]}")


def _provision_v2(endpoint: "InfluxEndpoint", org: str, tokens_dir: Path | None) -> None:
    from gigacity_contract.access import Secret  # noqa: PLC0415
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415
    from gigacity_ingest.provisioning.influx2 import BucketProvisioner  # noqa: PLC0415
    from gigacity_ingest.provisioning.roles import DatabaseRole  # noqa: PLC0415

    if not endpoint.has_credentials:
        raise ConfigError("set GIGACITY_INFLUX_ADMIN_TOKEN or _TOKEN_FILE for InfluxDB 2.x")
    with BucketProvisioner(endpoint, org) as provisioner:
        for remark in provisioner.create_storage():
            _say(remark)
        _say(f"buckets {endpoint.bucket}/<policy> with their mappings are there")
        if tokens_dir is None:
            _say("no tokens made; name a folder for them with --tokens-dir")
            return
        for name in ROLES:
            token = provisioner.create_token(DatabaseRole(name, Secret("")))
            path = _write_token(tokens_dir, name, token)
            _say(f"token of {name}: {path}")


def _write_token(folder: Path, role: str, token: "Secret") -> Path:
    """Write a token where only its owner may read it, in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{role}.token"
    draft = folder / f".{role}.{secrets.token_hex(4)}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(token.reveal() + "\n")
    draft.replace(path)
    return path
