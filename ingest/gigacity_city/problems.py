"""Collects the faults of a city folder, so that all of them are told at once.

Bounded: a file that is wrong in every line names the first thousand faults and says so.
"""

from gigacity_contract.errors import CityError, CityProblem

MAX_PROBLEMS = 1000


class Problems:
    """Every fault found so far."""

    def __init__(self) -> None:
        self._found: list[CityProblem] = []
        self._left_out = 0

    def add(self, file: str, row: int, column: str, message: str) -> None:
        """Note one fault."""
        if len(self._found) < MAX_PROBLEMS:
            self._found.append(CityProblem(file, row, column, message))
        else:
            self._left_out += 1

    def has(self, file: str) -> bool:
        """Whether a fault was found in this file."""
        return any(problem.file == file for problem in self._found)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._found)

    def __str__(self) -> str:
        """All of them in one line."""
        return "; ".join(map(str, self._found))

    def raise_if_any(self) -> None:
        """Raise what was found.

        Raises:
            CityError: at least one fault was noted.
        """
        if not self._found:
            return
        if self._left_out:
            self._found.append(
                CityProblem("…", 0, "", f"{self._left_out} more; mend these first and load again")
            )
        raise CityError(self._found)
