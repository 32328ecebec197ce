"""Any JSON: the document as one reading, or the elements of its lists as one each."""

from collections.abc import Iterator, Mapping
from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import read_body
from gigacity_ingest.formats.definition import Dialect, DialectError, Format, check_keys, text
from gigacity_ingest.formats.gathering import EMPTY, MAX_NAME, Gathering, identity, message_id
from gigacity_ingest.formats.paths import FieldPath, field_path, find
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

MAX_LEVELS = 4
"""Of lists, one inside the other."""
BARE_VALUE = "value"
"""Property of a document, or of an element, that is a bare number, text or switch."""
ROOT_NAME = "key"
"""Name of the members of an object that is the document itself; others are named by their path."""
_ABSENT = "no_list"

Objects = tuple[Mapping[str, Any], ...]


class GenericJsonDecoder:
    """Reads documents of any shape.

    Args:
        each: the lists that are taken apart, from the outermost; each path begins at an element
            of the one before. Objects do for lists: then the key of a member is its name.
        time: path of the instant; looked for in the element, then in what is around it.
        sent_as: path of the message's id, likewise.
        times: how the instant is written.
    """

    def __init__(
        self,
        each: tuple[FieldPath, ...],
        time: FieldPath | None,
        sent_as: FieldPath | None,
        times: TimeRule,
    ) -> None:
        self._each = each
        self._time = time
        self._sent_as = sent_as
        self._times = times

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings of one document.

        Raises:
            PayloadError: no JSON; or without the outermost list.
        """
        document = read_body(message.payload)
        gathering = Gathering()
        if self._each:
            self._descend(gathering, document, 0, {}, ())
        elif isinstance(document, list):
            text = 'expected an object; "each: ." in the dialect takes a list apart'
            raise PayloadError(RejectionReason.BAD_ENVELOPE, text)
        else:
            self._add(gathering, {}, document, ())
        return gathering.finish()

    def _descend(
        self, gathering: Gathering, value: Any, level: int, names: dict[str, str], parents: Objects
    ) -> None:
        path = self._each[level]
        place = ".".join(path) or "document"
        entries = find(value, path)
        if entries is None and level:
            gathering.ignore(_ABSENT)
            return
        if not isinstance(entries, list | dict):
            self._refuse_list(gathering, place, entries, is_outermost=not level)
            return
        if path and isinstance(value, dict):
            parents = (value, *parents)
        is_last = level + 1 == len(self._each)
        own_names = names
        for key, entry in _entries(entries):
            if isinstance(key, str):
                if identity(key) is None:
                    gathering.refuse(place, f"names of at most {MAX_NAME} characters", {key: entry})
                    continue
                own_names = {**names, path[-1] if path else ROOT_NAME: key}
            if not is_last:
                self._descend(gathering, entry, level + 1, own_names, parents)
            elif isinstance(entry, list):
                gathering.refuse(f"{place}[{key}]", "an object or a bare value", entry)
            else:
                self._add(gathering, own_names, entry, parents)
        if not entries:
            gathering.ignore(EMPTY)

    @staticmethod
    def _refuse_list(gathering: Gathering, place: str, found: Any, *, is_outermost: bool) -> None:
        expected = "a list, or an object whose members are entries"
        if is_outermost:
            text = f"{place}: expected {expected}"
            raise PayloadError(RejectionReason.BAD_ENVELOPE, text)
        gathering.refuse(place, expected, found)

    def _add(
        self, gathering: Gathering, names: dict[str, str], entry: Any, parents: Objects
    ) -> None:
        values = entry if isinstance(entry, dict) else {BARE_VALUE: entry}
        if not values:
            gathering.ignore(EMPTY)
            return
        time_ms = None
        if self._time is not None:
            time_ms = self._times.instant_ms(_nearest(self._time, values, parents))
        sent_as = ""
        if self._sent_as is not None:
            sent_as = message_id(_nearest(self._sent_as, values, parents))
        gathering.add(names, values, time_ms, sent_as, parents)


def _entries(entries: list[Any] | dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    return iter(entries.items()) if isinstance(entries, dict) else iter(enumerate(entries))


def _nearest(path: FieldPath, values: Mapping[str, Any], parents: Objects) -> Any:
    found = find(values, path)
    for parent in parents:
        if found is not None:
            break
        found = find(parent, path)
    return found


def _path(dialect: Dialect, key: str) -> FieldPath | None:
    value = text(dialect, key)
    return _checked(key, value) if value else None


def _checked(key: str, value: object) -> FieldPath:
    if not isinstance(value, str):
        raise DialectError(f"dialect.{key}: {value!r} is no path")
    try:
        return field_path(value)
    except ValueError as error:
        raise DialectError(f"dialect.{key}: {error}") from error


def _make(dialect: Dialect, times: TimeRule) -> GenericJsonDecoder:
    check_keys(dialect, {"each", "time", "message_id"})
    each = dialect.get("each", [])
    levels = [each] if isinstance(each, str) else each
    if not isinstance(levels, list):
        raise DialectError(f"dialect.each: {each!r} is neither a path nor a list of paths")
    if len(levels) > MAX_LEVELS:
        raise DialectError(f"dialect.each: {len(levels)} levels, at most {MAX_LEVELS}")
    return GenericJsonDecoder(
        tuple(_checked("each", level) for level in levels),
        _path(dialect, "time"),
        _path(dialect, "message_id"),
        times,
    )


FORMAT = Format(
    "json",
    _make,
    "JSON of any shape: the document, or the elements of its lists",
    "任意结构的 JSON：整个文档，或其列表中的各个元素",
)
