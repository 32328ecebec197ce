"""``gigacity mapping suggest``: a mapping proposed from what devices say about themselves."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gigacity_ingest.commands.message_input import JSONOption, print_json, read_payload

if TYPE_CHECKING:
    from gigacity_ingest.mapping.proposals import MappingSuggestion

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
    decoder: Annotated[
        str,
        typer.Option(
            help="Format of messages that were seen; without it: Home Assistant's discovery."
        ),
    ] = "",
    as_json: JSONOption = False,
) -> None:
    """Propose a mapping file, from messages that were seen or from Home Assistant's discovery.

    With --decoder the messages are read as the worker would: properties whose names and values
    fit a field are proposed for it, with what was seen of them. What is proposed loads as it
    stands; what could not be used stands behind it as comments. Exits with 0 if there is a source.
    """
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick
    from gigacity_contract.identifiers import is_area  # noqa: PLC0415
    from gigacity_ingest.mapping.discovery_proposal import suggest_from_discovery  # noqa: PLC0415

    if not is_area(area):
        raise ConfigError(f"--area {area}: write the 6 digits of its code")
    lines = _lines(read_payload(documents))
    if decoder:
        made = _proposed(lines, decoder, area)
    else:
        # Discovery stands at topics that end so; others may be among them.
        made = suggest_from_discovery((one for one in lines if one[0].endswith("/config")), area)
    if as_json:
        rows = [{"source": source, "foreign_id": known} for source, known in made.foreign_ids]
        print_json({"mapping": made.text, "foreign_ids": rows, "notes": made.notes})
    else:
        sys.stdout.write(made.text)
    raise typer.Exit(0 if made.foreign_ids else 1)


def _proposed(lines: Iterator[tuple[str, bytes]], decoder: str, area: str) -> "MappingSuggestion":
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415 - keeps --help quick
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415
    from gigacity_ingest.formats.catalogue import FORMATS  # noqa: PLC0415
    from gigacity_ingest.formats.times import TimeRule  # noqa: PLC0415
    from gigacity_ingest.mapping.traffic_proposal import propose_from_traffic  # noqa: PLC0415

    if decoder not in FORMATS:
        raise ConfigError(f"--decoder {decoder}: known are {', '.join(sorted(FORMATS))}")
    made = FORMATS[decoder].make({}, TimeRule())
    return propose_from_traffic(lines, made, decoder, area, SystemClock().now_ms())


def _lines(content: bytes) -> Iterator[tuple[str, bytes]]:
    for line in content.splitlines():
        topic, _, payload = line.partition(b" ")
        if topic:
            yield topic.decode(errors="replace"), payload.strip()
