"""The message that a command is to look at: its topic, its bytes, its moment."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

MAX_BYTES = 8 * 2**20

PayloadArgument = Annotated[
    Path, typer.Argument(help="File with the payload; - reads it from standard input.")
]
TopicOption = Annotated[str, typer.Option(help="Topic on which it was published.")]
CityOption = Annotated[
    Path | None,
    typer.Option(
        envvar="GIGACITY_CITY",
        help="Folder of the city file; without one nothing is known to be registered or not.",
    ),
]
ReceivedOption = Annotated[
    str, typer.Option(help="When it arrived, such as 2026-01-31T12:00:00Z; default: now.")
]
JSONOption = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def read_payload(path: Path) -> bytes:
    """The bytes of a payload.

    Raises:
        ConfigError: they cannot be read, or are far more than any message.
    """
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick

    try:
        if str(path) == "-":
            payload = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with path.open("rb") as file:
                payload = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    if len(payload) > MAX_BYTES:
        raise ConfigError(f"{path}: more than {MAX_BYTES >> 20} MiB; no message is so large")
    return payload


def received_ms(text: str) -> int:
    """Epoch ms of an instant with an offset; now where the text is empty.

    Raises:
        ConfigError: it is none.
    """
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415 - keeps --help quick
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415

    if not text:
        return SystemClock().now_ms()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--received {text}: write 2026-01-31T12:00:00Z") from error
    if instant.tzinfo is None:
        raise ConfigError(f"--received {text}: give its offset, such as Z or +08:00")
    return round(instant.timestamp() * 1000)


def print_json(value: object) -> None:
    """One JSON object on standard output."""
    import msgspec  # noqa: PLC0415 - keeps --help quick

    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")
