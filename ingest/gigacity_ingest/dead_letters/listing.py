"""How dead letters are listed, those of which little is left too."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from gigacity_ingest.dead_letters.counts import CountedDeadLetters, SplitCount
from gigacity_ingest.dead_letters.folder import Stored
from gigacity_ingest.decode.dead_letter import Kept


def utc_text(ms: int) -> str:
    """An instant for people."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")


def stored_row(stored: Stored) -> dict[str, Any]:
    """A dead letter of which the bytes, a head or a summary is kept."""
    dead_letter = stored.dead_letter
    return {
        "id": dead_letter.id,
        "received": utc_text(dead_letter.received_ms),
        "times": stored.times,
        "reason": dead_letter.reason,
        "extent": dead_letter.extent,
        "topic": dead_letter.topic,
        "policy": dead_letter.policy,
        "error": dead_letter.error,
        "resolved": stored.is_resolved,
        "kept": dead_letter.kept,
        "size": dead_letter.size or len(dead_letter.payload),
    }


def counted_rows(counts: Iterable[SplitCount], *, everything: bool) -> Iterator[dict[str, Any]]:
    """Rows of what is only counted: of what is not settled, or of all of it."""
    for split in counts:
        if everything and split.settled is not None:
            yield counted_row(split.settled, is_resolved=True)
        if split.unsettled is not None:
            yield counted_row(split.unsettled)


def counted_row(entry: CountedDeadLetters, *, is_resolved: bool = False) -> dict[str, Any]:
    """Dead letters of which only the count is kept; the publisher stands in the topic's place."""
    return {
        "id": "",
        "received": utc_text(entry.last_ms),
        "times": entry.count,
        "reason": entry.reason,
        "extent": "",
        "topic": entry.publisher,
        "policy": "",
        "error": f"counted since {utc_text(entry.first_ms)}",
        "resolved": is_resolved,
        "kept": "count",
        "size": entry.size,
    }


def row_text(row: dict[str, Any]) -> str:
    """The same in two or three lines."""
    extent = f" ({row['extent']})" if row["extent"] else ""
    return (
        f"{row['id'] or 'only counted':16}  {row['received']}  x{row['times']}  {row['reason']}"
        f"{extent}  {row['topic'] or row['policy']}\n"
        f"    {row['error']}{left_of(row['kept'], row['size'])}\n"
    )


def left_of(kept: str, size: int) -> str:
    """What to say where the bytes are not there; empty where they are."""
    return "" if kept == Kept.WHOLE else f"\n    only a {kept} is kept of {size} bytes"
