"""MappingFaults of mapping files: every one of them, with file, line, column and what to do."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from gigacity_contract.errors import GigacityError

MAX_FAULTS = 200


@dataclass(frozen=True, slots=True, order=True)
class MappingProblem:
    """One fault, with the place where it can be mended."""

    file: str
    line: int
    """From 1; 0 where no line applies."""
    column: int
    path: str
    """Keys down to the value, such as ``sources[0].kinds[1].fields.temp_c``; may be empty."""
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, self.message) if part)


class MappingError(GigacityError):
    """Mapping files that do not hold together; none of them comes into force."""

    def __init__(self, problems: list[MappingProblem]) -> None:
        self.problems = sorted(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{len(problems)} problem(s) in the mapping:\n{lines}")


class MappingFaults:
    """Collects problems, within a bound."""

    def __init__(self) -> None:
        self.found: list[MappingProblem] = []
        self._left_out = 0

    def add(self, problem: MappingProblem) -> None:
        """Note one."""
        if problem in self.found:
            return
        if len(self.found) < MAX_FAULTS:
            self.found.append(problem)
        else:
            self._left_out += 1

    def raise_if_any(self) -> None:
        """Raise what was found.

        Raises:
            MappingError: at least one problem was noted.
        """
        if self._left_out:
            text = f"{self._left_out} more; mend these first and load again"
            self.found.append(MappingProblem("…", 0, 0, "", text))
        if self.found:
            raise MappingError(self.found)


def not_known(word: str, known: Iterable[str], what: str = "known here") -> str:
    """That a word is none of the known ones, with the nearest of them."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    offer = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(words)}"
    return f"{word[:64]!r} is not {what}; {offer}"
