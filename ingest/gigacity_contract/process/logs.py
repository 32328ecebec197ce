"""Structured logs: one JSON object a line, on standard error."""

import logging
import sys

import msgspec
import structlog

_encode = msgspec.json.Encoder(enc_hook=repr).encode


def _render(_logger: object, _name: str, event: structlog.typing.EventDict) -> str:
    return _encode(event).decode()


def configure_logs(level: str, worker: str = "") -> None:
    """Log from this level on; call it once, in the command.

    Args:
        level: debug, info or warning.
        worker: stands in every line, so that the lines of several can be told apart.
    """

    def add_worker(
        _logger: object, _name: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        event.setdefault("worker", worker)
        return event

    structlog.configure(
        processors=[
            *([add_worker] if worker else []),
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
