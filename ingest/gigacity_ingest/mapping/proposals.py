"""Proposed mapping files: how they are written, whatever they were made from."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class MappingSuggestion(NamedTuple):
    """A proposed mapping file."""

    text: str
    """YAML, with what could not be used as comments; no source at all where nothing fits."""
    foreign_ids: tuple[tuple[str, str], ...]
    """Source and foreign id of every device: rows that ``foreign_ids.csv`` needs."""
    notes: tuple[str, ...]


def proposal(
    origin: str,
    blocks: Sequence[str],
    foreign_ids: Sequence[tuple[str, str]],
    notes: Sequence[str],
) -> MappingSuggestion:
    """A file of some sources.

    Args:
        origin: what it was made from, in words.
        blocks: lines of the sources.
        foreign_ids: source and foreign id of every device.
        notes: what could not be used.
    """
    devices = ", ".join(dict.fromkeys(quoted(device) for _, device in foreign_ids))
    lines = [
        f"# Proposed from {origin}. Check each field; foreign_ids.csv has to name",
        f"# the devices: {devices or 'none'}",
        "version: 1",
        "sources:" if blocks else "sources: []",
        *blocks,
        *(f"# {line}" for note in notes for line in note.splitlines()),
    ]
    return MappingSuggestion("\n".join(lines) + "\n", tuple(foreign_ids), tuple(notes))


class ProposedSource(NamedTuple):
    """What a source reads."""

    name: str
    decoder: str
    topics: Sequence[str]
    registry: str
    """Template of the foreign id."""


def source_lines(
    source: ProposedSource, area: str, kinds: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """The lines of one source; fields by kind, each as YAML."""
    lines = [
        f"  - name: {source.name}",
        f"    topics: [{', '.join(quoted(topic) for topic in source.topics)}]",
        f"    decoder: {source.decoder}",
        f"    owner: {{areas: [{quoted(area)}]}}",
        f"    identity: {{registry: {quoted(source.registry)}}}",
        "    kinds:",
    ]
    for kind, fields in kinds.items():
        lines += [f"      - kind: {kind}", "        fields:"]
        lines += [f"          {field}: {text}" for field, text in fields.items()]
    return lines


def quoted(value: Any) -> str:
    """A scalar as YAML reads it whatever it says; JSON's form is one of YAML's."""
    return json.dumps(value, ensure_ascii=not str(value).isprintable())
