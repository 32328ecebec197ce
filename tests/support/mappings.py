"""Mappings written in a test, loaded as the worker loads them, and asked with one message."""

from pathlib import Path
from typing import Any

import msgspec

from gigacity_city.load import load_city
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.formats.readings import ForeignMessage
from gigacity_ingest.mapping.loading import load_sources
from gigacity_ingest.mapping.reports import Mapped
from gigacity_ingest.mapping.sources import SourceSet
from tests.support.city import write_city

NOW_MS = 1_764_504_000_000
"""2025-11-30 12:00:00 UTC."""
SOURCE = """\
version: 1
sources:
  - name: here
    topics: {topics}
    decoder: {decoder}
    owner: {{areas: ["371602"]}}
    {more}
    identity: {identity}
    kinds:
{kinds}
"""


def source_text(
    fields: str,
    *,
    kind: str = "smoke_detector",
    identity: str = '{community: "{community}", device: "{device}"}',
    topics: str = '["site/{community}/{device}/up"]',
    decoder: str = "json",
    more: str = "",
    rest: str = "",
) -> str:
    """A file of one source with one kind."""
    kinds = f"      - kind: {kind}\n        fields: {fields}\n        {rest}"
    return SOURCE.format(topics=topics, decoder=decoder, identity=identity, kinds=kinds, more=more)


class MappingScene:
    """Sources and a city."""

    def __init__(self, folder: Path, text: str, **tables: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "sources.yaml").write_text(text, encoding="utf-8")
        self.sources: SourceSet = load_sources(folder / "sources.yaml")
        self.city = FieldRegistry.of(load_city(write_city(folder / "city", **tables)))
        self.sources.follow(self.city)

    def take(
        self,
        payload: Any,
        topic: str = "site/371602001001/smoke-1/up",
        *,
        is_retained: bool = False,
        now_ms: int = NOW_MS,
    ) -> list[Mapped]:
        """What a message gives; a payload that is not bytes is sent as JSON."""
        body = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
        source = self.sources.find(topic)
        assert source is not None
        message = ForeignMessage(topic, body, is_retained, now_ms)
        return source.mapper.map(source.decoder.decode(message).readings, message)

    def counts(self, name: str = "here") -> dict[str, int]:
        """What is counted of fields, as ``field.outcome``."""
        counts = self.sources[name].mapper.counts.of_fields()
        return {f"{count.field}.{count.outcome}": n for count, n in counts.items()}

    def unmapped(self, name: str = "here") -> dict[str, int]:
        """Properties that no field is made of."""
        return dict(self.sources[name].mapper.counts.unmapped)


def write_registry_mapping(folder: Path) -> Path:
    """A file with one source, whose devices stand in a registry of foreign ids."""
    text = source_text(
        "{temp_c: {from: t, scale: 0.1}, battery_pct: b}",
        topics='["up/{pk}/{dn}"]',
        identity='{registry: "{pk}/{dn}"}',
    )
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    return folder / "a.yaml"
