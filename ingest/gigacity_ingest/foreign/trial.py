"""A message of a foreign source, tried: what it is mapped to, what would be stored. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from gigacity_city.foreign_ids import ForeignIds
from gigacity_contract.decoding import PayloadError
from gigacity_contract.kinds import KIND_OF_VALUES
from gigacity_contract.topics import Publisher
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.decode.imaginary import DeviceName, imaginary_registry
from gigacity_ingest.decode.outcome import ReceivedMessage
from gigacity_ingest.decode.trial import Trial, try_message
from gigacity_ingest.foreign.intake import ForeignIntake
from gigacity_ingest.formats.readings import Decoded, ForeignMessage, FormatDecoder
from gigacity_ingest.mapping.cases import ImaginaryCity, owner_area
from gigacity_ingest.mapping.explaining import MessageExplanation, explain
from gigacity_ingest.mapping.reports import Mapped
from gigacity_ingest.mapping.sources import ForeignSource, SourceSet

NOTHING_KNOWN = ForeignIds()


class MappingTrial(NamedTuple):
    """What becomes of one message."""

    explanation: MessageExplanation
    trial: Trial


class _DecodedOnce:
    """A decoder that reads one message, however often it is asked: some keep state."""

    def __init__(self, decoder: FormatDecoder) -> None:
        self._decoder = decoder
        self._decoded: Decoded | PayloadError | None = None

    def decode(self, message: ForeignMessage) -> Decoded:
        if self._decoded is None:
            try:
                self._decoded = self._decoder.decode(message)
            except PayloadError as error:
                self._decoded = error
        if isinstance(self._decoded, PayloadError):
            raise self._decoded
        return self._decoded


def try_mapping(
    source: ForeignSource,
    message: ForeignMessage,
    registry: FieldRegistry | None,
    foreign_ids: ForeignIds = NOTHING_KNOWN,
) -> MappingTrial:
    """Explain a message and give it to the worker's intake.

    Args:
        source: whose topic it is; freshly loaded.
        message: to try.
        registry: of the city; None: whatever the message names is registered.
        foreign_ids: where there is no city; a city has its own.
    """
    source = source._replace(decoder=_DecodedOnce(source.decoder))
    city = ImaginaryCity(owner_area(source), foreign_ids) if registry is None else registry
    source.mapper.follow(city)
    explanation, mapped = explain(source, message)
    if registry is None:
        registry = replace(_registry_of(mapped), foreign_ids=foreign_ids)
    decoder = Decoder(registry)
    decoder.foreign = ForeignIntake(decoder, registry, SourceSet([source]))
    received = ReceivedMessage(
        message.topic.encode(),
        message.payload,
        is_copy=message.is_retained,
        now_ms=message.now_ms,
        is_retained=message.is_retained,
    )
    return MappingTrial(explanation, try_message(decoder, received))


def _registry_of(mapped: Sequence[Mapped]) -> FieldRegistry:
    """Everything that was found, registered."""
    areas, devices, olts = dict[str, None](), dict[DeviceName, None](), []
    for one in mapped:
        if one.target is None:
            continue
        areas[one.target.area] = None
        if one.values is not None:
            kind = KIND_OF_VALUES[type(one.values)]
            devices[one.target.community, one.target.id, kind] = None
        elif one.target.publisher is Publisher.OLT:
            olts.append((one.target.id, one.target.area, one.ports))
    return imaginary_registry(areas, devices, olts)
