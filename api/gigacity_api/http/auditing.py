"""Who entered, withdrew or exported what, or acted on an alarm: a line of the log each.

What was entered or withdrawn is a row of ``report`` as well, which is never overwritten and names
the key; a line is what says that something was read out.
"""

import structlog

from gigacity_api.keys import ApiKey
from gigacity_api.reports.declarations import DeclaredFigure

_log = structlog.get_logger("gigacity_api.audit")


def audit(act: str, key: ApiKey, *entries: DeclaredFigure) -> None:
    """Note what was stored."""
    for entry in entries:
        _log.info(
            act, api_key=key.name, indicator=entry.indicator, scope=entry.scope, code=entry.code,
            report_as_of_ms=entry.as_of_ms, revision=entry.revision, entered_ms=entry.entered_ms,
        )  # fmt: skip


def audit_export(name: str) -> None:
    """Note that a file is sent; the log's context names the key."""
    _log.info("exported", file=name)


def audit_alarm(act: str, key: str, what: str, user: str) -> None:
    """Note what an operator did with an alarm, or with a maintenance window.

    The log of alarms says it as well, with the reason.
    """
    _log.info("alarm act", act=str(act), api_key=key, alarm=what, user=user or None)
