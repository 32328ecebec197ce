"""Who entered, withdrew or exported what, or acted on an alarm: a line of the log each.

What was entered or withdrawn is a row of ``report`` as well, which is never overwritten and names
the key; a line is what says that something was read out.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import structlog

from gigacity_api.keys import ApiKey
from gigacity_api.reports.declarations import DeclaredFigure

T = TypeVar("T")

_log = structlog.get_logger("gigacity_api.audit")


def audit(act: str, key: ApiKey, *entries: DeclaredFigure) -> None:
    """Note what was stored."""
    for entry in entries:
        _log.info(
            act, api_key=key.name, indicator=entry.indicator, scope=entry.scope, code=entry.code,
            report_as_of_ms=entry.as_of_ms, revision=entry.revision, entered_ms=entry.entered_ms,
        )  # fmt: skip


def audited_export(name: str, rows: Iterable[T]) -> Iterator[T]:
    """The rows of a file, with a line when the first and one when the last of them is taken.

    The log's context names the key and the request. The second line says how many rows there were
    without the header, and whether that was all: a client may go away before.
    """
    log = _log.bind(file=name, **structlog.contextvars.get_contextvars())
    return _counted(log, rows)


def _counted(log: Any, rows: Iterable[T]) -> Iterator[T]:
    log.info("export begun")
    count, is_whole = -1, False
    try:
        for row in rows:
            count += 1
            yield row
        is_whole = True
    finally:
        log.info("exported", rows=max(0, count), is_whole=is_whole)


def audit_alarm(act: str, key: str, what: str, user: str) -> None:
    """Note what an operator did with an alarm, or with a maintenance window.

    The log of alarms says it as well, with the reason.
    """
    _log.info("alarm act", act=str(act), api_key=key, alarm=what, user=user or None)
