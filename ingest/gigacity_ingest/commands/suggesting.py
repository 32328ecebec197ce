"""``gigacity mapping suggest``: a mapping proposed from what devices say about themselves."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gigacity_ingest.commands.message_input import JSONOption, print_json, read_payload

EPILOG = (
    "Example: mosquitto_sub -t 'homeassistant/#' --retained-only -W 5 -F '%t %p'"
    " | gigacity mapping suggest - --area 371602"
)


def suggest(
    documents: Annotated[
        Path,
        typer.Argument(help="Lines of a topic, a space and its payload; - reads standard input."),
    ],
    *,
    area: Annotated[str, typer.Option(help="Code of the area that will own the sources.")],
    as_json: JSONOption = False,
) -> None:
    """Propose a mapping file from the documents of Home Assistant's discovery.

    What is proposed loads as it stands; what could not be used stands behind it as comments.
    Exits with 0 if there is a source in it.
    """
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick
    from gigacity_contract.identifiers import is_area  # noqa: PLC0415
    from gigacity_ingest.mapping.suggestion import suggest_from_discovery  # noqa: PLC0415

    if not is_area(area):
        raise ConfigError(f"--area {area}: write the 6 digits of its code")
    made = suggest_from_discovery(_documents(read_payload(documents)), area)
    if as_json:
        rows = [{"source": source, "foreign_id": known} for source, known in made.foreign_ids]
        print_json({"mapping": made.text, "foreign_ids": rows, "notes": made.notes})
    else:
        sys.stdout.write(made.text)
    raise typer.Exit(0 if made.foreign_ids else 1)


def _documents(content: bytes) -> Iterator[tuple[str, bytes]]:
    for line in content.splitlines():
        topic, _, payload = line.partition(b" ")
        # Discovery stands at topics that end so; others may be among them.
        if topic.endswith(b"/config"):
            yield topic.decode(errors="replace"), payload.strip()
