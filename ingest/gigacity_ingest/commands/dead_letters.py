"""``gigacity deadletters``: look at what was refused, and offer it again."""

import base64
import sys
from array import array
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigacity_contract.process.options import options_of
from gigacity_ingest.settings import ReplaySettings, StateFolderSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gigacity_ingest.dead_letters.counts import SplitCount
    from gigacity_ingest.dead_letters.folder import DeadLetterFolder, Stored
    from gigacity_ingest.decode.dead_letter import DeadLetter

app = typer.Typer(
    help="List, show and replay messages, and parts of messages, that could not be stored.",
    epilog="Example: gigacity deadletters list --state-dir state/worker-0",
    no_args_is_help=True,
)
AsJSON = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
All = Annotated[bool, typer.Option("--all", help="Those that a replay settled, too.")]


def _store(state_dir: Path) -> "DeadLetterFolder":
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick.
    from gigacity_ingest.dead_letters.folder import DeadLetterFolder  # noqa: PLC0415

    if not state_dir.is_dir():
        raise ConfigError(f"GIGACITY_STATE_DIR={state_dir}: no such folder; name the worker's")
    return DeadLetterFolder(state_dir / "deadletters")


def _counts(store: "DeadLetterFolder") -> "list[SplitCount]":
    from gigacity_ingest.dead_letters.counts import (  # noqa: PLC0415
        DamagedCountsError,
        split_counts,
    )

    try:
        return split_counts(store.folder)
    except DamagedCountsError as error:
        sys.stderr.write(f"gigacity: {error}\n")
        raise typer.Exit(1) from error


def _print_json(value: Any) -> None:
    import msgspec  # noqa: PLC0415

    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


@app.command("list", epilog="Example: gigacity deadletters list --state-dir state/worker-0 --json")
@options_of(StateFolderSettings)
def list_dead_letters(
    *,
    everything: All = False,
    as_json: AsJSON = False,
    given: StateFolderSettings,
) -> None:
    """List dead letters, oldest first, each once however often it came."""
    from gigacity_ingest.dead_letters.listing import counted_rows, row_text, stored_row  # noqa: PLC0415

    store = _store(given.state_dir)
    kept = (stored_row(s) for s in store.unique() if everything or not s.is_resolved)
    for row in chain(kept, counted_rows(_counts(store), everything=everything)):
        if as_json:
            _print_json(row)
        else:
            sys.stdout.write(row_text(row))


@app.command(epilog="Example: gigacity deadletters show 9f86d081884c7d65")
@options_of(StateFolderSettings)
def show(
    dead_letter_id: Annotated[str, typer.Argument(help="Id, or the beginning of it.")],
    *,
    as_json: AsJSON = False,
    given: StateFolderSettings,
) -> None:
    """Show one dead letter with the bytes that were refused."""
    from gigacity_ingest.dead_letters.listing import left_of, utc_text  # noqa: PLC0415

    stored = _find(_store(given.state_dir), dead_letter_id)
    dead_letter = stored.dead_letter
    if as_json:
        _print_json(
            {
                "id": dead_letter.id,
                "reason": dead_letter.reason,
                "extent": dead_letter.extent,
                "topic": dead_letter.topic,
                "error": dead_letter.error,
                "payload": base64.b64encode(dead_letter.payload).decode(),
                "received_ms": dead_letter.received_ms,
                "policy": dead_letter.policy,
                "points": dead_letter.points,
                "kept": dead_letter.kept,
                "size": dead_letter.size or len(dead_letter.payload),
                "digest": dead_letter.digest,
                "times": stored.times,
                "resolved": stored.is_resolved,
            }
        )
        return
    sys.stdout.write(
        f"id        {dead_letter.id}\n"
        f"received  {utc_text(dead_letter.received_ms)} (x{stored.times})\n"
        f"reason    {dead_letter.reason} ({dead_letter.extent})\ntopic     {dead_letter.topic}\n"
        f"error     {dead_letter.error}\nresolved  {'yes' if stored.is_resolved else 'no'}\n"
        f"payload   {dead_letter.payload.decode(errors='backslashreplace')}"
        f"{left_of(dead_letter.kept, dead_letter.size)}\n"
    )


def _find(store: "DeadLetterFolder", dead_letter_id: str) -> "Stored":
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415

    found: Stored | None = None
    for stored in store.unique():
        id_ = stored.dead_letter.id
        if id_.startswith(dead_letter_id):
            if found is not None and found.dead_letter.id != id_:
                text = f"several dead letters have an id that begins with {dead_letter_id!r}"
                raise ConfigError(text)
            # Of one that came again after it was settled, the one that is open.
            found = stored if found is None or found.is_resolved else found
    if found is None:
        raise ConfigError(f"no dead letter has an id that begins with {dead_letter_id!r}")
    return found


@app.command(epilog="Example: gigacity deadletters export refused.jsonl.gz --settle")
@options_of(StateFolderSettings)
def export(
    target: Annotated[Path, typer.Argument(help="File to make; .gz compresses it.")],
    *,
    everything: All = False,
    settle: Annotated[
        bool,
        typer.Option(
            "--settle", help="The file is their place now: give their space in the store back."
        ),
    ] = False,
    given: StateFolderSettings,
) -> None:
    """Write dead letters to a file, one JSON object a line, payloads as base64.

    Counts of those of which nothing else is kept stand at its end. The file is on disk before
    anything is settled. It is never overwritten.
    """
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick.
    from gigacity_ingest.dead_letters.counts import settle_counts  # noqa: PLC0415
    from gigacity_ingest.dead_letters.file import write_dead_letters  # noqa: PLC0415
    from gigacity_ingest.dead_letters.settling import give_back  # noqa: PLC0415

    store = _store(given.state_dir)
    ids, until_ms = array("Q"), array("Q")
    splits = _counts(store)
    counts = [c for s in splits if (c := s.whole if everything else s.unsettled) is not None]

    def chosen() -> "Iterator[DeadLetter]":
        for stored in store.unique():
            if everything or not stored.is_resolved:
                ids.append(int(stored.dead_letter.id, 16))
                until_ms.append(stored.last_ms)
                yield stored.dead_letter

    try:
        write_dead_letters(target, chain(chosen(), counts))
    except FileExistsError:
        raise ConfigError(f"{target}: exists already; name a new file") from None
    except OSError as error:
        raise ConfigError(f"{target}: {error.strerror}") from error
    if settle:
        store.resolve((f"{id_:016x}", ms) for id_, ms in zip(ids, until_ms, strict=True))
        settle_counts(store.folder, [split.whole for split in splits])
        give_back(store)
    sys.stdout.write(f"{len(ids)} dead letters written to {target}\n")
    if counts:
        number = sum(entry.count for entry in counts)
        sys.stdout.write(f"{number} more are only counted: {len(counts)} lines of counts\n")


@app.command(epilog="Example: gigacity deadletters replay --influx-url http://127.0.0.1:8086")
@options_of(ReplaySettings)
def replay(
    dead_letter_ids: Annotated[
        list[str] | None, typer.Argument(help="Whole ids; default: all that are open.")
    ] = None,
    *,
    as_json: AsJSON = False,
    given: ReplaySettings,
) -> None:
    """Decode dead letters again, and store what is good now.

    Useful after the city file, the mappings or the worker have changed. Messages of foreign sources
    go through their mappings again. Those that are still refused stay. May be
    run again, and beside the worker. Exits with 1 if the database cannot be written.
    """
    from gigacity_city.load import load_city  # noqa: PLC0415
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415
    from gigacity_ingest.adapters.admission_log import AdmissionLog  # noqa: PLC0415
    from gigacity_ingest.dead_letters.replay import Replay, ReplayError  # noqa: PLC0415
    from gigacity_ingest.decode.decoder import Decoder  # noqa: PLC0415
    from gigacity_ingest.foreign.intake import ForeignIntake  # noqa: PLC0415
    from gigacity_ingest.influx.writer import InfluxWriter  # noqa: PLC0415
    from gigacity_ingest.mapping.loading import load_sources  # noqa: PLC0415

    store, decoder, clock = _store(given.state_dir), Decoder(load_city(given.city)), SystemClock()
    if given.mqtt_sources is not None:
        sources = load_sources(given.mqtt_sources)
        decoder.foreign = ForeignIntake(decoder, decoder.registry, sources)
    admissions = AdmissionLog(given.state_dir, decoder.admission)
    admissions.sync(clock.now_ms())
    with InfluxWriter(given.endpoint) as writer:
        try:
            result = Replay(store, decoder, writer, clock).run(frozenset(dead_letter_ids or ()))
        except ReplayError as error:
            sys.stderr.write(f"gigacity: {error}\n")
            raise typer.Exit(1) from None
        finally:
            admissions.sync(clock.now_ms())
    summary = {
        "dead_letters": result.dead_letters,
        "settled": result.settled,
        "not_whole": result.not_whole,
        "points": {
            "replayed": result.replayed,
            "confirmed": result.confirmed,
            "dead_lettered": result.refused,
        },
        "balanced": result.is_balanced,
    }
    if as_json:
        _print_json(summary)
    else:
        sys.stdout.write(
            f"{result.dead_letters} dead letters tried, {result.settled} settled;"
            f" {result.confirmed} of {result.replayed} points stored\n"
        )
        if result.not_whole:
            sys.stdout.write(
                f"{result.not_whole} of them cannot be tried: only a head or a summary was kept;"
                " gigacity deadletters export FILE --settle settles them\n"
            )
