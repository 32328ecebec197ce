"""Tries messages on mapping files, one after another, as ``mapping try`` and ``watch`` do."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gigacity_city.foreign_ids import ForeignIds, ForeignRow
from gigacity_city.load import load_city
from gigacity_contract.errors import ConfigError
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.foreign.trial import MappingTrial, try_mapping
from gigacity_ingest.formats.readings import ForeignMessage
from gigacity_ingest.mapping.cases import foreign_object, owner_area
from gigacity_ingest.mapping.loading import check_mappings
from gigacity_ingest.mapping.sources import ForeignSource


class MappingTrials:
    """Mapping files and a city, loaded once. A decoder keeps between messages what it keeps."""

    def __init__(self, file: Path, city: Path | None, known: Sequence[str]) -> None:
        """Load the files.

        Args:
            file: a mapping file, or a folder of them.
            city: folder of the city file; None: whatever a message names is registered.
            known: texts of ``FOREIGN_ID=OBJECT``, beside the foreign ids of the city.

        Raises:
            MappingError: a mapping is wrong.
            ConfigError: a text is wrong, or the city.
        """
        self._sources = check_mappings([file]).sources
        if wrong := next((text for text in known if "=" not in text), None):
            raise ConfigError(f"--id {wrong}: write FOREIGN_ID=COMMUNITY/DEVICE, or =OLT/SLOT/PORT")
        pairs = [text.partition("=")[::2] for text in known]
        rows: list[ForeignRow] = [
            (source.name, key, foreign_object(text, owner_area(source)))
            for source in self._sources
            for key, text in pairs
        ]
        self._registry: FieldRegistry | None = None
        if city is not None:
            registry = FieldRegistry.of(load_city(city))
            rows = [*registry.foreign_ids.rows(), *rows]
            self._registry = replace(registry, foreign_ids=ForeignIds(rows))
        self._foreign_ids = ForeignIds(rows)

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """What the broker is asked for."""
        return tuple(text for source in self._sources for text in source.subscriptions)

    def has(self, topic: str) -> bool:
        """Whether a topic is a source's."""
        return self._sources.find(topic) is not None

    def of(self, message: ForeignMessage) -> MappingTrial:
        """What becomes of a message.

        Raises:
            ConfigError: no source has its topic.
        """
        source = self._source_of(message.topic)
        return try_mapping(source, message, self._registry, self._foreign_ids)

    def _source_of(self, topic: str) -> ForeignSource:
        source = self._sources.find(topic)
        if source is None:
            filters = "; ".join(
                f"{s.name}: {', '.join(t.text for t in s.topics)}" for s in self._sources
            )
            raise ConfigError(f"--topic {topic}: no source has it; there are {filters or 'none'}")
        return source
