"""What the run has done so far, for programs (a JSON file) and people (one line)."""

import os
from pathlib import Path
from typing import Any

import msgspec

from gigacity_simulators.clients.client_pool import ClientPool


def stats_of(pool: ClientPool) -> dict[str, Any]:
    """The counts of a pool as the stats file holds them."""
    counts = pool.counts
    return {
        "messages_sent": counts.messages_sent,
        "messages_acked": counts.messages_acked,
        "messages_refused": counts.messages_refused,
        "messages_dropped": pool.dropped,
        "points_acked": dict(sorted(counts.points_acked.items())),
        "clients": pool.clients,
        "connected": pool.connected,
    }


def write_stats(path: Path, stats: dict[str, Any]) -> None:
    """Replace the stats file in one step: a reader sees the old counts or the new ones."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(msgspec.json.encode(stats))
    os.replace(fresh, path)  # noqa: PTH105 # Path.replace is the same call, and not said to be atomic.


def summary(stats: dict[str, Any], *, changes: int, seconds: float) -> str:
    """The counts in one line."""
    points = sum(stats["points_acked"].values())
    trouble = "".join(
        f"  {stats[f'messages_{what}']:,} {what}"
        for what in ("refused", "dropped")
        if stats[f"messages_{what}"]
    )
    return (
        f"{stats['connected']:,}/{stats['clients']:,} clients"
        f"  {stats['messages_acked']:,} messages and {points:,} points acknowledged"
        f" ({points / max(seconds, 1):,.0f}/s)  {changes:,} changes{trouble}"
    )
