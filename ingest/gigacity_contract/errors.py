"""Errors of the shared vocabulary, one class per reaction.

GigacityError
  ConfigError           a wrong call or setting: say it, exit with code 2
  CityError             a city folder that does not hold together: keep the old one in force
  TopicError            a topic outside the grammar: dead-letter the message
  EncodeError           a value that line protocol cannot carry: a bug of the caller
  UnknownServerError    the database's address answers, but not as InfluxDB: alarm, try again
  QueryError            a query failed, though the answer may say 200; its reaction says what to do
"""

from dataclasses import dataclass


class GigacityError(Exception):
    """Anything this project raises on purpose."""


class ConfigError(GigacityError):
    """A setting or argument is wrong; the message names it and says what to do."""


class TopicError(GigacityError):
    """A topic does not follow the grammar of the contract."""


class EncodeError(GigacityError):
    """A value cannot be written as line protocol without changing its meaning."""


class UnknownServerError(GigacityError):
    """What answers at the database's address is not a server that we know."""


class QueryError(GigacityError):
    """A query failed. ``status`` is that of the answer, 200 included."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(f"query failed ({status}): {message}")

    @property
    def is_denied(self) -> bool:
        """Credentials, rights or storage are missing; a 200 of 2.x hides that in its text."""
        hidden = ("database not found", "retention policy not found", "insufficient permissions")
        return self.status in {401, 403, 404} or self.message.startswith((*hidden, "no dbrp"))


@dataclass(frozen=True, slots=True, order=True)
class CityProblem:
    """One fault of a city folder, with the place where it can be mended."""

    file: str
    row: int
    """1 for the first line of the file (the header of a table); 0 where no row applies."""
    column: str
    message: str

    def __str__(self) -> str:
        place = self.file if not self.row else f"{self.file}:{self.row}"
        return (
            f"{place}: {self.column}: {self.message}" if self.column else f"{place}: {self.message}"
        )


class CityError(GigacityError):
    """A city folder is wrong; ``problems`` holds every fault that was found, not the first."""

    def __init__(self, problems: list[CityProblem]) -> None:
        self.problems = sorted(problems)
        lines = "\n".join(f"  {p}" for p in self.problems)
        super().__init__(f"{len(problems)} problem(s) in the city file:\n{lines}")
