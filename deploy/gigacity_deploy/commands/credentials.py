"""``gigacity credentials``: passwords of MQTT publishers, and API keys."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.process.options import flag, options_of, secret, setting
from gigacity_contract.process.settings import field_password
from gigacity_deploy.generations import (
    Generation,
    Generations,
    check_identity,
    generations_text,
    parse_generations,
)
from gigacity_deploy.private_files import append_private, write_private

if TYPE_CHECKING:
    from gigacity_deploy.foreign_access import ForeignAccess

app = typer.Typer(
    help="Create passwords for MQTT publishers, and keys for the API.",
    epilog="Example: gigacity credentials api-key --name dashboard --scope read"
    " --file secrets/api_keys.jsonl",
    no_args_is_help=True,
)

Identity = Annotated[str, typer.Argument(help="The MQTT user name, such as 371602/olt/olt-1.")]
_IN_FORCE = "it is in force after `gigacity credentials field` and a SIGHUP to Mosquitto"


@dataclass(frozen=True, kw_only=True)
class FieldSecretSettings:
    """Of whoever derives the passwords of publishers."""

    field_secret: Secret = secret(
        meaning="from which `gigacity credentials` derives the password of every publisher of the"
        " field"
    )
    field_generations: Path | None = setting(
        None,
        meaning="file of the publishers that were revoked or got a new password; kept for ever",
        shown_default="`field_generations` beside the file of the secret",
    )

    def __post_init__(self) -> None:
        if not self.field_secret:
            raise ConfigError(
                "GIGACITY_FIELD_SECRET is not set; set it or GIGACITY_FIELD_SECRET_FILE"
            )

    @property
    def generations_file(self) -> Path | None:
        """Where revocations are kept; None: nowhere."""
        beside = self.field_secret.file
        if self.field_generations is None and beside is not None:
            return beside.with_name("field_generations")
        return self.field_generations

    def generations(self) -> dict[str, Generation]:
        """Those that are kept; none where there is no file yet.

        Raises:
            ConfigError: the file cannot be read.
        """
        file = self.generations_file
        try:
            text = file.read_text(encoding="utf-8") if file is not None else ""
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"GIGACITY_FIELD_GENERATIONS={file}: {error}") from error
        return parse_generations(text, str(file))

    def keep(self, generations: Generations) -> None:
        """Write the file.

        Raises:
            ConfigError: there is none to write, or it cannot be written.
        """
        if self.generations_file is None:
            raise ConfigError(
                "GIGACITY_FIELD_GENERATIONS is not set: name the file that keeps who was revoked"
            )
        write_private(self.generations_file, generations_text(generations))


@dataclass(frozen=True, kw_only=True)
class AccountSettings(FieldSecretSettings):
    """What ``gigacity credentials field`` may be told."""

    city: Path = setting(meaning="folder of the city file")
    output: Path = flag(
        meaning="password file of the field's listener; it is replaced, and so are"
        " worker_passwords, access and worker_access beside it"
    )
    retired: bool = flag(
        False, flags=("--retired",), meaning="also for publishers that still use a former area code"
    )
    mqtt_password: Secret = secret(meaning="password of the workers; empty: no file is written")
    mqtt_sources: Path | None = setting(
        None,
        meaning="mappings of foreign sources: accounts that they name are made, and the broker's"
        " access lists are written beside the password file",
    )


@dataclass(frozen=True, kw_only=True)
class ApiKeySettings:
    """What ``gigacity credentials api-key`` may be told."""

    name: str = flag(meaning="who uses the key; the API's log shows it")
    file: Path = setting(
        variable="GIGACITY_API_KEYS_FILE",
        flags=("--file",),
        meaning="file of API keys; the new one is appended",
    )
    scope: list[str] = flag(
        meaning="what the key allows: read, report, operate or admin; may be repeated"
    )
    indicator: list[str] | None = flag(
        None, meaning="figure that the key may enter, and no other; may be repeated"
    )
    area: list[str] | None = flag(
        None,
        meaning="code of a place whose figures the key may enter, an area with its communities, and"
        " no others; may be repeated",
    )


@app.command(
    epilog="Example: GIGACITY_FIELD_SECRET_FILE=secrets/field gigacity credentials field"
    " --city deploy/city/binzhou --output passwords"
)
@options_of(AccountSettings)
def field(given: AccountSettings) -> None:
    """Write the broker's files: passwords and access lists of the city's field and of the workers.

    The publishers' passwords are derived from GIGACITY_FIELD_SECRET (or _FILE), one secret for the
    whole city; the workers' is GIGACITY_MQTT_PASSWORD (or _FILE), in a file of its own, since the
    workers' listener knows no account of the field. With GIGACITY_MQTT_SOURCES the lists have the
    lines that foreign sources need, and accounts that these name are made. Send SIGHUP to Mosquitto
    afterwards: it then reads all of them again.
    """
    from gigacity_city.load import load_city  # noqa: PLC0415 - keeps --help quick
    from gigacity_deploy.broker import WORKER_USER  # noqa: PLC0415 - as above
    from gigacity_deploy.credentials import password_lines  # noqa: PLC0415 - as above
    from gigacity_deploy.foreign_access import ForeignAccess, ask_access  # noqa: PLC0415 - as above
    from gigacity_deploy.identities import field_identities  # noqa: PLC0415 - as above
    from gigacity_deploy.passwords import password_file  # noqa: PLC0415 - as above

    identities = list(field_identities(load_city(given.city), retired=given.retired))
    found = ForeignAccess() if given.mqtt_sources is None else ask_access(given.mqtt_sources)
    identities += found.users
    _write_access(given.output, found)
    kept = given.generations()
    lines = list(password_lines(identities, field_secret=given.field_secret, generations=kept))
    write_private(given.output, "".join(line + "\n" for line in lines))
    left_out = f", {len(identities) - len(lines):,} revoked" if len(lines) < len(identities) else ""
    sys.stdout.write(f"{given.output}: {len(lines):,} accounts{left_out}\n")
    workers = given.output.with_name("worker_passwords")
    if not given.mqtt_password:
        sys.stdout.write(f"{workers}: not written, GIGACITY_MQTT_PASSWORD is not set\n")
        return
    write_private(workers, password_file([(WORKER_USER, given.mqtt_password.reveal())]))
    sys.stdout.write(f"{workers}: the workers' account\n")


def _write_access(passwords: Path, found: "ForeignAccess") -> None:
    """Both access lists, beside the password file."""
    from gigacity_deploy.broker import (  # noqa: PLC0415 - as above
        FIELD_ACCESS,
        WORKER_ACCESS,
        access_list,
    )

    for name, own, lines in (
        ("access", FIELD_ACCESS, found.publishers),
        ("worker_access", WORKER_ACCESS, found.workers),
    ):
        file = passwords.with_name(name)
        write_private(file, access_list(own, lines))
        sys.stdout.write(f"{file}: the access list\n")
    for problem in found.problems:
        sys.stderr.write(f"{problem}\n")


@app.command(
    epilog="Example: GIGACITY_FIELD_SECRET_FILE=secrets/field gigacity credentials show"
    " 371602/olt/olt-1"
)
@options_of(FieldSecretSettings)
def show(
    identity: Identity,
    given: FieldSecretSettings,
) -> None:
    """Print the MQTT password of one publisher, to be entered in its configuration."""
    of = given.generations().get(identity, Generation())
    if of.is_revoked:
        raise ConfigError(
            f"{identity} is revoked; `gigacity credentials renew {identity}` gives it another"
            " password"
        )
    sys.stdout.write(field_password(given.field_secret, identity, of.number).reveal() + "\n")


@app.command(
    epilog="Example: GIGACITY_FIELD_SECRET_FILE=secrets/field gigacity credentials revoke"
    " 371602/olt/olt-1"
)
@options_of(FieldSecretSettings)
def revoke(identity: Identity, given: FieldSecretSettings) -> None:
    """Let one publisher in no more, now and whenever accounts are written again."""
    kept = given.generations()
    kept[check_identity(identity)] = kept.get(identity, Generation()).revoked()
    given.keep(kept)
    sys.stderr.write(f"{identity} is revoked; {_IN_FORCE}\n")


@app.command(
    epilog="Example: GIGACITY_FIELD_SECRET_FILE=secrets/field gigacity credentials renew"
    " 371602/olt/olt-1"
)
@options_of(FieldSecretSettings)
def renew(identity: Identity, given: FieldSecretSettings) -> None:
    """Print a new MQTT password of one publisher, revoked or not, in place of the one before."""
    kept = given.generations()
    of = kept[check_identity(identity)] = kept.get(identity, Generation()).renewed()
    given.keep(kept)
    sys.stdout.write(field_password(given.field_secret, identity, of.number).reveal() + "\n")
    sys.stderr.write(f"{identity} has a new password, its number {of.number}; {_IN_FORCE}\n")


@app.command(
    name="api-key",
    epilog="Example: gigacity credentials api-key --name dashboard --scope read"
    " --file secrets/api_keys.jsonl",
)
@options_of(ApiKeySettings)
def api_key(given: ApiKeySettings) -> None:
    """Create an API key. It is printed once; the file keeps only its hash."""
    from gigacity_deploy.credentials import new_api_key  # noqa: PLC0415 - keeps --help quick

    made = new_api_key(
        given.name, given.scope, indicators=given.indicator or (), codes=given.area or ()
    )
    append_private(given.file, made.line + "\n")
    sys.stdout.write(made.key.reveal() + "\n")
