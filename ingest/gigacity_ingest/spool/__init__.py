"""The durable spool of a worker: what the database does not take now waits on disk.

``open_spool`` opens one for writing; ``inspect_spool`` looks at one that may be in use.
"""

from gigacity_ingest.spool.errors import FullCause, SpoolError, SpoolFull, SpoolLocked
from gigacity_ingest.spool.inspection import SpoolReport, inspect_spool
from gigacity_ingest.spool.policy import Notice, NoticeKind, SpoolPolicy, SpoolStatus
from gigacity_ingest.spool.records import RecordPart, SeriesSpan, SpooledRecord, SpoolRecord
from gigacity_ingest.spool.spool import Spool, open_spool

__all__ = [
    "FullCause",
    "Notice",
    "NoticeKind",
    "RecordPart",
    "SeriesSpan",
    "Spool",
    "SpoolError",
    "SpoolFull",
    "SpoolLocked",
    "SpoolPolicy",
    "SpoolRecord",
    "SpoolReport",
    "SpoolStatus",
    "SpooledRecord",
    "inspect_spool",
    "open_spool",
]
