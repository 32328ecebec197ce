"""Reads YAML by its nodes, so that every fault of city.yaml has its line. Knows nothing of cities.

Depth is bounded before anything recursive runs, and only what a schema asks for is walked, so that
neither deep nesting nor aliases of aliases can take the process down.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import yaml

from gigacity_city.problems import Problems

T = TypeVar("T")
Word = TypeVar("Word", bound=str)

MAX_DEPTH = 16

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?\Z", re.ASCII)


def read_document(file: str, text: str, problems: Problems) -> yaml.Node | None:
    """The root node; None (and a problem) if the text is not YAML."""
    try:
        if _depth(text) > MAX_DEPTH:
            problems.add(file, 1, "", f"is nested deeper than {MAX_DEPTH} levels")
            return None
        root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        problems.add(file, 1 if mark is None else mark.line + 1, "", f"is not YAML: {reason}")
        return None
    if root is None:
        problems.add(file, 1, "", "is empty")
    return root


def _depth(text: str) -> int:
    depth = deepest = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                break
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return deepest


class Section:
    """One mapping of the document; readers note a problem and give None where a value is wrong."""

    def __init__(
        self,
        file: str,
        node: yaml.Node | None,
        path: str,
        problems: Problems,
        *,
        required: Iterable[str],
        optional: Iterable[str] = (),
    ) -> None:
        self._file = file
        self._path = path
        self._problems = problems
        self._nodes: dict[str, yaml.Node] = {}
        self._row = 1 if node is None else node.start_mark.line + 1
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            self._add(self._row, path, "must be a mapping of names to values")
            return
        self._take(node, [*required, *optional])
        for key in required:
            if key not in self._nodes:
                self._add(self._row, self._at(key), "is missing")

    def _take(self, node: yaml.MappingNode, known: list[str]) -> None:
        for key_node, value_node in node.value:
            key, row = str(key_node.value), key_node.start_mark.line + 1
            if key not in known:
                self._add(row, self._at(key), f"is not known here; known are {', '.join(known)}")
            elif key in self._nodes:
                self._add(row, self._at(key), "stands twice")
            else:
                self._nodes[key] = value_node

    def _at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _add(self, row: int, column: str, message: str) -> None:
        self._problems.add(self._file, row, column, message)

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def fault(self, key: str, message: str) -> None:
        """Note a problem with the value of one key."""
        node = self._nodes.get(key)
        self._add(self._row if node is None else node.start_mark.line + 1, self._at(key), message)

    def _scalar(self, key: str) -> str | None:
        node = self._nodes.get(key)
        if node is None:
            return None
        if isinstance(node, yaml.ScalarNode) and not node.tag.endswith(":null"):
            return str(node.value).strip()
        self.fault(key, "must be a single value")
        return None

    def text(self, key: str, pattern: str = r"(?s).+", what: str = "a text") -> str | None:
        """A text, as it was written (so that an unquoted 0123 keeps its zero)."""
        value = self._scalar(key)
        if value is None or re.fullmatch(pattern, value):
            return value
        self.fault(key, f"{value!r} is not {what}")
        return None

    def number(self, key: str, low: float, high: float) -> float | None:
        """A number above or equal to low and at most high."""
        value = self._scalar(key)
        if value is None:
            return None
        if not _NUMBER.match(value):
            self.fault(key, f"{value!r} is not a number")
            return None
        if low <= float(value) <= high:
            return float(value)
        self.fault(key, f"{value} is not in {low:g}..{high:g}")
        return None

    def flag(self, key: str) -> bool | None:
        """``true`` or ``false``."""
        value = self._scalar(key)
        if value is None or value in {"true", "false"}:
            return value == "true"
        self.fault(key, f"{value!r} is neither true nor false")
        return None

    def choice(self, key: str, allowed: Iterable[Word]) -> Word | None:
        """One of the allowed words."""
        value, words = self._scalar(key), {str(word): word for word in sorted(allowed)}
        if value is None or value in words:
            return None if value is None else words[value]
        self.fault(key, f"{value!r} is not known; known are {', '.join(words)}")
        return None

    def section(
        self, key: str, *, required: Iterable[str], optional: Iterable[str] = ()
    ) -> "Section":
        """A mapping below this one; where it is missing, one whose values are all missing."""
        return Section(
            self._file,
            self._nodes.get(key),
            self._at(key),
            self._problems,
            required=required,
            optional=optional,
        )

    def sections(
        self, key: str, *, required: Iterable[str], optional: Iterable[str] = ()
    ) -> list["Section"]:
        """A list of mappings."""
        return [
            Section(self._file, node, at, self._problems, required=required, optional=optional)
            for node, at in self._items(key)
        ]

    def values(self, key: str, read: Callable[[str], T | None], what: str) -> list[T]:
        """A list of single values, each of which ``read`` understands."""
        good: list[T] = []
        for node, at in self._items(key):
            value = read(str(node.value)) if isinstance(node, yaml.ScalarNode) else None
            if value is None:
                self._add(node.start_mark.line + 1, at, f"is not {what}")
            else:
                good.append(value)
        return good

    def numbers_by_key(self, key: str, known: Iterable[str], low: float) -> dict[str, float]:
        """A mapping of known words to numbers."""
        known = list(known)
        below = self.section(key, required=(), optional=known)
        found = {name: below.number(name, low, 1e9) for name in known if name in below}
        return {name: value for name, value in found.items() if value is not None}

    def _items(self, key: str) -> list[tuple[yaml.Node, str]]:
        node = self._nodes.get(key)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(key, "must be a list")
            return []
        return [(item, f"{self._at(key)}[{n}]") for n, item in enumerate(node.value)]
