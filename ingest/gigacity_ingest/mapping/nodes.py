"""Places of a mapping file: values with their line, column and path.

A reader raises ``PlaceError`` at what is wrong with a value; ``Document.noting`` notes it, so that
whoever reads several values goes on with the next and every fault is told.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import yaml

from gigacity_city.document import NotYAMLError, compose_document
from gigacity_ingest.mapping.problems import MappingFaults, MappingProblem, not_known
from gigacity_ingest.mapping.yaml_scalars import Scalar, scalar_of

T = TypeVar("T")
MAX_NODES = 200_000
"""Read of one file, those behind an alias each time: aliases of aliases cannot grow beyond it."""
MAX_PLAIN_DEPTH = 32
"""What is read whole, aliases followed."""
_TAG = "tag:yaml.org,2002:"
_IMPLIED = {"str", "int", "float", "bool", "null", "timestamp", "value", "merge"}
"""Tags that the loader gives to what has none."""


class PlaceError(Exception):
    """What is wrong with a value, and where."""

    def __init__(self, problem: MappingProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Document:
    """One file: its faults, and how much of it was read."""

    def __init__(self, file: str, faults: MappingFaults) -> None:
        self.file = file
        self.faults = faults
        self._nodes = 0

    def root(self, text: str) -> "Place | None":
        """The whole of the text; None, and a fault, if it is not YAML."""
        try:
            return Place(self, compose_document(text), "")
        except NotYAMLError as error:
            self.faults.add(MappingProblem(self.file, error.row, error.column, "", str(error)))
            return None

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note what is wrong inside, and go on behind it."""
        try:
            yield
        except PlaceError as error:
            self.faults.add(error.problem)

    def count(self, place: "Place") -> None:
        """One more value is read.

        Raises:
            PlaceError: too many.
        """
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise place.error(f"is one value too many: a file has at most {MAX_NODES:,}")


class Place:
    """One value of a file."""

    __slots__ = ("_node", "document", "path")

    def __init__(self, document: Document, node: yaml.Node, path: str) -> None:
        self.document = document
        self.path = path
        self._node = node
        document.count(self)

    def error(self, message: str) -> PlaceError:
        """That this value is wrong; says what to do about it."""
        mark = self._node.start_mark
        problem = MappingProblem(
            self.document.file, mark.line + 1, mark.column + 1, self.path, message
        )
        return PlaceError(problem)

    def note(self, message: str) -> None:
        """Note that this value is wrong, and go on."""
        self.document.faults.add(self.error(message).problem)

    @property
    def line(self) -> int:
        """From 1."""
        return int(self._node.start_mark.line) + 1

    @property
    def is_mapping(self) -> bool:
        """Whether it has keys."""
        return isinstance(self._node, yaml.MappingNode)

    @property
    def is_list(self) -> bool:
        """Whether it has items."""
        return isinstance(self._node, yaml.SequenceNode)

    def section(
        self, known: Collection[str], required: Collection[str], hints: Mapping[str, str]
    ) -> dict[str, "Place"]:
        """The values of a closed mapping by key; notes keys that are unknown or missing.

        Args:
            known: keys that may stand here.
            required: of these, those that must.
            hints: what to do instead of keys that people look for here.

        Raises:
            PlaceError: it is no mapping.
        """
        found = {}
        for key, at, value in self.entries():
            if key in known:
                found[str(key)] = value
            elif key in hints:
                at.note(f"is not a key here: {hints[str(key)]}")
            else:
                at.note(not_known(str(key), known, "a key here"))
        for key in required:
            if key not in found:
                self.note(f"{key!r} is missing")
        return found

    def entries(self) -> list["KeyedPlace"]:
        """Keys and values of an open mapping; each key once.

        Raises:
            PlaceError: it is no mapping.
        """
        if not isinstance(self._node, yaml.MappingNode):
            raise self.error("must be a mapping of names to values")
        found: dict[tuple[type, Scalar], KeyedPlace] = {}
        for key_node, value_node in self._node.value:
            name = str(getattr(key_node, "value", ""))[:64]
            at = Place(self.document, key_node, f"{self.path}.{name}" if self.path else name)
            with self.document.noting():
                key = at.scalar()
                if (key.__class__, key) in found:
                    raise at.error("stands twice")
                value = Place(self.document, value_node, at.path)
                found[key.__class__, key] = KeyedPlace(key, at, value)
        return list(found.values())

    def items(self) -> list["Place"]:
        """The items of a list.

        Raises:
            PlaceError: it is no list.
        """
        if not isinstance(self._node, yaml.SequenceNode):
            raise self.error("must be a list")
        places = enumerate(self._node.value)
        return [Place(self.document, node, f"{self.path}[{n}]") for n, node in places]

    def one_or_more(self) -> list["Place"]:
        """The items of a list, or the value alone."""
        return self.items() if self.is_list else [self]

    def scalar(self) -> Scalar:
        """A single value.

        Raises:
            PlaceError: a list or a mapping; or a tag, which the language has not.
        """
        node = self._node
        if not isinstance(node, yaml.ScalarNode):
            raise self.error("must be a single value")
        if node.tag.removeprefix(_TAG) not in _IMPLIED:
            raise self.error(f"has a tag {node.tag!r}; write the value without one")
        return scalar_of(str(node.value), is_plain=not node.style)

    def text(self) -> str:
        """A text; a plain number is the text that was written.

        Raises:
            PlaceError: no text, or an empty one.
        """
        value = self.scalar()
        if value is None or isinstance(value, bool) or value == "":
            raise self.error("must be a text; put it in quotes if it is a word such as true")
        return value if isinstance(value, str) else str(self._node.value)

    def written(self) -> str:
        """A single value as it was written: of a key, for which ``null`` is a word like another."""
        return str(self._node.value)

    def flag(self) -> bool:
        """True or false.

        Raises:
            PlaceError: neither.
        """
        value = self.scalar()
        if not isinstance(value, bool):
            raise self.error("must be true or false")
        return value

    def choice(self, words: Collection[str]) -> str:
        """One of some words.

        Raises:
            PlaceError: none of them.
        """
        word = self.text()
        if word not in words:
            raise self.error(not_known(word, words))
        return word

    def read(self, reader: Callable[[str], T]) -> T:
        """A text as a reader takes it.

        Raises:
            PlaceError: with what the reader said.
        """
        text = self.text()
        try:
            return reader(text)
        except ValueError as error:
            raise self.error(f"{text[:128]!r} {error}") from error

    def plain(self, room: int = MAX_PLAIN_DEPTH) -> Any:
        """Everything below, as lists, dicts and single values: what a decoder's dialect is.

        Args:
            room: levels that may stand below.

        Raises:
            PlaceError: it is deeper, as what holds an alias of itself.
        """
        if not room:
            raise self.error("is nested too deeply, or holds an alias of itself")
        if self.is_list:
            return [item.plain(room - 1) for item in self.items()]
        if self.is_mapping:
            return {at.written(): value.plain(room - 1) for _, at, value in self.entries()}
        return self.scalar()


class KeyedPlace(NamedTuple):
    """One key of a mapping."""

    key: Scalar
    """As YAML 1.2 reads it."""
    at: Place
    """Of the key."""
    value: Place
