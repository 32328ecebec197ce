"""What devices have said about themselves: types of their properties, states, families."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from gigacity_ingest.formats.bare_values import bare_number, bare_value
from gigacity_ingest.formats.bodies import read_body

MAX_DEVICES = 10_000
MAX_PROPERTIES = 1_000
"""Of one device; types of those beyond are not remembered, so that their text decides."""
MAX_TYPES = 200_000
"""Of all devices; the same beyond it."""
_MAX_NAME = 256

_BOOLEANS = {"true": True, "false": False}
ONLINE_STATES = frozenset({"init", "ready", "sleeping", "alert"})
OFFLINE_STATES = frozenset({"disconnected", "lost"})


@dataclass(slots=True)
class HomieDevice:
    """One device; what is unknown of it is empty."""

    state: str = ""
    """The last that it said itself."""
    root: str = ""
    """The device whose connection it shares; empty: it has its own."""
    types: dict[str, str] = field(default_factory=dict)
    """Data type by property."""


class HomieDevices:
    """Devices by id, within bounds; forgets those that were deleted."""

    def __init__(self) -> None:
        self._devices: dict[str, HomieDevice] = {}
        self._children: dict[str, set[str]] = {}
        self._types = 0

    def find(self, device: str) -> HomieDevice | None:
        """A device that is remembered."""
        return self._devices.get(device)

    def learn(self, device: str) -> HomieDevice:
        """The device to write down something about; a throw-away one where there is no room."""
        known = self._devices.get(device)
        if known is None:
            known = HomieDevice()
            if len(self._devices) < MAX_DEVICES and len(device) <= _MAX_NAME:
                self._devices[device] = known
        return known

    def describe(self, device: str, description: dict[str, Any]) -> None:
        """Take a device's description (version 5) in place of the one before."""
        known = self.learn(device)
        self._set_root(device, known, description.get("root") or description.get("parent"))
        before = len(known.types)
        room = max(0, min(MAX_PROPERTIES, MAX_TYPES - self._types + before))
        known.types = dict(islice(_types_of(description), room))
        if device in self._devices:
            self._types += len(known.types) - before

    def learn_type(self, device: str, name: str, datatype: str) -> None:
        """Take what one topic says about one property (version 4)."""
        types = self.learn(device).types
        if name in types:
            types[name] = datatype[:_MAX_NAME]
        elif len(types) < MAX_PROPERTIES and self._types < MAX_TYPES and len(name) <= _MAX_NAME:
            types[name] = datatype[:_MAX_NAME]
            self._types += device in self._devices

    def forget(self, device: str) -> None:
        """The device was deleted."""
        known = self._devices.pop(device, None)
        if known is not None:
            self._types -= len(known.types)
            self._set_root(device, known, None)

    def family(self, root: str) -> list[tuple[str, HomieDevice]]:
        """Devices that share a root's connection, in the order of their ids."""
        children = sorted(self._children.get(root, ()))
        return [(child, self._devices[child]) for child in children if child in self._devices]

    def _set_root(self, device: str, known: HomieDevice, root: Any) -> None:
        if known.root:
            siblings = self._children.get(known.root, set())
            siblings.discard(device)
            if not siblings:
                self._children.pop(known.root, None)
        known.root = root[:_MAX_NAME] if isinstance(root, str) and root != device else ""
        if known.root and device in self._devices:
            self._children.setdefault(known.root, set()).add(device)


def _types_of(description: dict[str, Any]) -> Iterator[tuple[str, str]]:
    nodes = description.get("nodes")
    for node, about in nodes.items() if isinstance(nodes, dict) else ():
        properties = about.get("properties") if isinstance(about, dict) else None
        for name, property_ in properties.items() if isinstance(properties, dict) else ():
            datatype = property_.get("datatype") if isinstance(property_, dict) else None
            if isinstance(datatype, str) and len(node) + len(name) < _MAX_NAME:
                yield f"{node}/{name}", datatype[:_MAX_NAME]


def typed_value(text: str, datatype: str | None) -> Any:
    """A value by its declared type; None where it is none of that type.

    Raises:
        PayloadError: declared as JSON, and it is not.
    """
    if datatype is None:
        return bare_value(text)
    if datatype in {"integer", "float"}:
        return bare_number(text)
    if datatype == "boolean":
        return _BOOLEANS.get(text)
    if datatype == "json":
        return read_body(text.encode())
    # One zero byte is how an empty text is written; an empty body would delete the topic.
    return "" if text == "\0" else text
