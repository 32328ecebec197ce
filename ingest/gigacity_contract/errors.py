"""Errors of the shared vocabulary, one class per reaction.

GigacityError
  ConfigError           a wrong call or setting: say it, exit with code 2
  CityError             a city folder that does not hold together: keep the old one in force
  TopicError            a topic outside the grammar: dead-letter the message
  EncodeError           a value that line protocol cannot carry: a bug of the caller
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
