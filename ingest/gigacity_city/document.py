"""Reads the YAML that people write, so that every fault has its line. Knows nothing of cities.

Depth is bounded before anything recursive runs, only what a shape asks for is walked, and nothing
is merged, so that neither deep nesting nor aliases of aliases can take the process down.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from gigacity_city.problems import Problems
from gigacity_city.values import Reader

MAX_DEPTH = 16

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _WithoutMerges(yaml.constructor.SafeConstructor):
    """Refuses ``<<``: merges of merges of a few lines are millions of pairs."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(
                    None, None, "`<<` merges nothing here; write the pairs out", key.start_mark
                )
        super().flatten_mapping(node)


class NotYAMLError(ValueError):
    """A text that cannot be read as YAML, and where."""

    def __init__(self, message: str, row: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.row = row
        self.column = column


def compose_document(text: str) -> yaml.Node:
    """The root node of a text, which need not be a city's.

    Raises:
        NotYAMLError: it is not YAML, is empty, or is nested too deeply.
    """
    try:
        if _depth(text) > MAX_DEPTH:
            raise NotYAMLError(f"is nested deeper than {MAX_DEPTH} levels")
        root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise _spelled(error) from error
    if root is None:
        raise NotYAMLError("is empty")
    return root


def plain_document(text: str) -> Any:
    """What a text says, as Python's own values, for whoever needs no lines.

    Raises:
        NotYAMLError: as ``compose_document``, or a value is none of its kind.
    """
    root = compose_document(text)
    try:
        return _WithoutMerges().construct_document(root)
    except yaml.YAMLError as error:
        raise _spelled(error) from error
    except ValueError as error:
        # A date of the 40th, an integer of thousands of digits: PyYAML passes on what Python says.
        raise NotYAMLError(f"has a value that cannot be read: {error}") from error


def _spelled(error: yaml.YAMLError) -> NotYAMLError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or error
    row, column = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
    return NotYAMLError(f"is not YAML: {reason}", row, column)


def read_document(file: str, text: str, problems: Problems) -> yaml.Node | None:
    """The root node; None (and a problem) if the text is not YAML."""
    try:
        return compose_document(text)
    except NotYAMLError as error:
        problems.add(file, error.row, "", str(error))
        return None


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


@dataclass(frozen=True, slots=True)
class MappingSpec:
    """A mapping of names to values, declared once."""

    make: Callable[..., Any]
    """What it stands for, from its values by name; optional ones only where they are given."""
    required: Mapping[str, "NodeKind"]
    optional: Mapping[str, "NodeKind"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list of values of one kind."""

    of: "NodeKind"
    into: Callable[[Iterable[Any]], Any] = tuple


NodeKind = Reader[Any] | MappingSpec | ListSpec
"""A single value, as it was written (an unquoted 0123 keeps its zero), a mapping, or a list."""


class Section:
    """One mapping of the document; what is missing or wrong is noted, and None here."""

    def __init__(
        self, file: str, node: yaml.Node | None, path: str, problems: Problems, shape: MappingSpec
    ) -> None:
        self.values: dict[str, Any] = {}
        """By name: single values, sections, or tuples of either."""
        self._file = file
        self._path = path
        self._problems = problems
        self._shape = shape
        self._row = 1 if node is None else node.start_mark.line + 1
        self._nodes = self._take(node)
        known = {**shape.required, **shape.optional}
        for key, kind in known.items():
            if key in self._nodes:
                self.values[key] = self._read(self._nodes[key], self._at(key), kind)
            elif key in shape.required:
                self.values[key] = self._nothing(self._at(key), kind)
                if isinstance(node, yaml.MappingNode):
                    self._add(self._row, self._at(key), "is missing")

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def made(self) -> Any:
        """What the section stands for, with everything below it."""
        return self._shape.make(**{name: self._unwrap(name) for name in self.values})

    def fault(self, key: str, message: str, item: int | None = None) -> None:
        """Note a problem with the value of one key, or with one item of its list."""
        node, at = self._nodes.get(key), self._at(key)
        if item is not None and isinstance(node, yaml.SequenceNode):
            node, at = node.value[item], f"{at}[{item}]"
        self._add(self._row if node is None else node.start_mark.line + 1, at, message)

    def refine(self, key: str, reader: Reader[Any]) -> None:
        """Read a single value, which was good so far, by a stricter reader."""
        if self.values[key] is not None:
            self.values[key] = self._read(self._nodes[key], self._at(key), reader)

    def _take(self, node: yaml.Node | None) -> dict[str, yaml.Node]:
        nodes: dict[str, yaml.Node] = {}
        if node is not None and not isinstance(node, yaml.MappingNode):
            self._add(self._row, self._path, "must be a mapping of names to values")
        known = [*self._shape.required, *self._shape.optional]
        for key_node, value_node in node.value if isinstance(node, yaml.MappingNode) else ():
            key, row = str(key_node.value), key_node.start_mark.line + 1
            if key not in known:
                self._add(row, self._at(key), f"is not known here; known are {', '.join(known)}")
            elif key in nodes:
                self._add(row, self._at(key), "stands twice")
            else:
                nodes[key] = value_node
        return nodes

    def _at(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def _add(self, row: int, column: str, message: str) -> None:
        self._problems.add(self._file, row, column, message)

    def _unwrap(self, name: str) -> Any:
        value = self.values[name]
        if isinstance(value, Section):
            return value.made()
        kind = {**self._shape.required, **self._shape.optional}[name]
        if isinstance(kind, ListSpec):
            return kind.into(v.made() if isinstance(v, Section) else v for v in value)
        return value

    def _nothing(self, at: str, kind: NodeKind) -> Any:
        if isinstance(kind, MappingSpec):
            return Section(self._file, None, at, self._problems, kind)
        return () if isinstance(kind, ListSpec) else None

    def _read(self, node: yaml.Node, at: str, kind: NodeKind) -> Any:
        if isinstance(kind, MappingSpec):
            return Section(self._file, node, at, self._problems, kind)
        row = node.start_mark.line + 1
        if isinstance(kind, ListSpec):
            if isinstance(node, yaml.SequenceNode):
                items = enumerate(node.value)
                return tuple(self._read(item, f"{at}[{n}]", kind.of) for n, item in items)
            self._add(row, at, "must be a list")
            return ()
        if not isinstance(node, yaml.ScalarNode) or node.tag.endswith(":null"):
            self._add(row, at, "must be a single value")
            return None
        try:
            return kind(str(node.value).strip())
        except ValueError as error:
            self._add(row, at, str(error))
            return None
