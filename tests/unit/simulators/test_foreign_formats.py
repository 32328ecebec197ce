"""What simulated devices say in a foreign format, the worker's mapping of it reads: every field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbor2
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from gigacity_city.load import load_city
from gigacity_contract.errors import ConfigError
from gigacity_contract.kinds import CATALOGUE
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.formats.catalogue import FORMATS as DECODERS
from gigacity_ingest.formats.readings import ForeignMessage
from gigacity_ingest.mapping.loading import load_sources
from gigacity_ingest.mapping.reports import MappingFault
from gigacity_ingest.mapping.sources import SourceSet
from gigacity_simulators.cli import app
from gigacity_simulators.foreign.catalogue import FORMATS, NATIVE, formats_named
from gigacity_simulators.foreign.cbor import cbor
from gigacity_simulators.foreign.sources import FOREIGN_IDS
from gigacity_simulators.foreign.speakers import sessions_of, speakers_of
from gigacity_simulators.messages import OutgoingMessage
from gigacity_simulators.publisher_directory import (
    PublisherDirectory,
    PublisherRole,
    build_directory,
)
from gigacity_simulators.reporting import Reporter
from gigacity_simulators.truth.held import HeldSamples
from gigacity_simulators.world import World
from tests.support.city import write_city
from tests.support.spoken_city import ALL_FORMATS, spoken_tables, write_spoken_sources

T_MS = 1_795_500_000_123
ObjectKey = tuple[str, ...]
ALL = pytest.mark.parametrize("name", list(FORMATS))


class SpokenScene:
    """All publishers of one role speak one format."""

    def __init__(self, folder: Path, name: str) -> None:
        path = write_city(folder / "city", **spoken_tables(1))
        write_spoken_sources(path, folder / "sources", [name])
        self.city = load_city(path)
        self.directory = build_directory(self.city, seed=3)
        self.held = HeldSamples(self.city)
        self.speakers = speakers_of(self.directory, [name])
        self.sessions = list(sessions_of(self.directory, self.speakers).values())
        self.sources: SourceSet = load_sources(folder / "sources")
        self.sources.follow(FieldRegistry.of(self.city))
        world = World(self.city, self.directory)
        self.reporter = Reporter(
            self.city, self.directory, world, self.held, bundle_ms=1, speakers=self.speakers
        )

    def say(self, due_ms: int) -> Iterator[OutgoingMessage]:
        """Everything that speaks the format is sampled and said, as it goes out."""
        said = list[tuple[int, OutgoingMessage]]()
        for index in self.speakers:
            if self.directory.publishers[index].role is PublisherRole.OLT:
                said += self.reporter.olt_due(index, due_ms)
        for device, publisher in enumerate(self.directory.publisher_of):
            if publisher in self.speakers:
                said += self.reporter.device_due(device, due_ms)
        said += self.reporter.rest()
        for publisher, message in said:
            yield self.sessions[publisher].sealed(message, due_ms + 5)

    def take(
        self, message: OutgoingMessage
    ) -> Iterator[tuple[tuple[str, ...], int, dict[str, Any]]]:
        """Object, time and values of what a mapping makes of a message."""
        source = self.sources.find(message.topic)
        assert source is not None, message.topic
        foreign = ForeignMessage(message.topic, message.payload, False, message.due_ms + 7)
        decoded = source.decoder.decode(foreign)
        assert decoded.faults == []
        for mapped in source.mapper.map(decoded.readings, foreign):
            assert mapped.faults == []
            assert mapped.target is not None
            target = mapped.target
            for port in mapped.ports:
                place = target.id, str(port.slot), str(port.port)
                yield place, mapped.time_ms, _there(port)
            if mapped.values is not None:
                yield (target.community, target.id), mapped.time_ms, _there(mapped.values)

    def held_values(self) -> dict[ObjectKey, dict[str, Any]]:
        """What the truth knows of who spoke."""
        ports = {
            (port.key.olt, str(port.key.slot), str(port.key.port)): values
            for port, values in zip(self.city.ports, self.held.port_values, strict=True)
        }
        devices = {
            _device_key(self.directory, n): values
            for n, values in enumerate(self.held.device_values)
        }
        return {key: _there(v) for key, v in (ports | devices).items() if v is not None}


def _device_key(directory: PublisherDirectory, device: int) -> ObjectKey:
    group = directory.groups[directory.group_of[device]]
    return group.community, group.device_id(device)


def _there(values: Any) -> dict[str, Any]:
    return {k: v for k, v in msgspec.structs.asdict(values).items() if v is not None}


@pytest.fixture
def scene(name: str, tmp_path: Path) -> SpokenScene:
    return SpokenScene(tmp_path, name)


def test_every_decoder_has_its_speaker() -> None:
    assert set(FORMATS) == set(DECODERS)


@ALL
def test_what_is_said_is_what_was_sampled(scene: SpokenScene, name: str) -> None:
    """Every field of every kind and port, twice: births come first where there are some."""
    for words in scene.sessions:
        words.begin(T_MS - 60)
    for index in scene.speakers:
        for birth in scene.sessions[index].births(T_MS - 50):
            assert list(scene.take(birth)) == []
    for due_ms in (T_MS, T_MS + 60_000):
        found: dict[ObjectKey, dict[str, Any]] = {}
        for message in scene.say(due_ms):
            for key, time_ms, values in scene.take(message):
                # Some state whole seconds, and some nothing, so that arrival counts.
                assert due_ms // 1000 * 1000 <= time_ms <= due_ms + 7
                found.setdefault(key, {}).update(values)
        assert found == scene.held_values()
    assert len(found) > 4, name


@ALL
def test_points_are_counted_once(scene: SpokenScene, name: str) -> None:
    assert sum(sum(m.points.values()) for m in scene.say(T_MS)) == len(scene.held_values())
    source = scene.sources[f"simulated-{name}"]
    assert source.format == name


@ALL
def test_two_reports_within_a_step_of_the_format_are_one_point(
    scene: SpokenScene, name: str
) -> None:
    list(scene.say(T_MS))
    again = sum(sum(m.points.values()) for m in scene.say(T_MS + 300))
    assert again == (len(scene.held_values()) if FORMATS[name].step_ms == 1 else 0)
    assert sum(sum(m.points.values()) for m in scene.say(T_MS + 1000)) > 0


@ALL
def test_a_last_will_ends_what_a_birth_began(scene: SpokenScene, name: str) -> None:
    """Of formats in which a connection says something; the others say nothing."""
    index = next(iter(scene.speakers))
    words = scene.sessions[index]
    will = words.begin(T_MS - 60)
    births = words.births(T_MS - 50)
    source = scene.sources[f"simulated-{name}"]
    for birth in births:
        source.decoder.decode(ForeignMessage(birth.topic, birth.payload, False, T_MS))
    for message in scene.say(T_MS):
        source.decoder.decode(ForeignMessage(message.topic, message.payload, False, T_MS))
    if will is None:
        assert births == []
        return
    ended = source.decoder.decode(ForeignMessage(will.topic, will.payload, False, T_MS + 9))
    ends = [change for change in ended.sessions if not change.is_online]
    owners = [source.mapper.whose(change.names, will.topic) for change in ends]
    known = [owner for owner in owners if not isinstance(owner, MappingFault)]
    assert known, "the end of an object of the city"


def test_a_rebirth_that_is_asked_for_names_every_alias_again(tmp_path: Path) -> None:
    """A worker that was killed knows no alias: after the births it reads everything."""
    scene = SpokenScene(tmp_path, "sparkplug_b")
    for index in scene.speakers:
        scene.sessions[index].begin(T_MS - 60)
        scene.sessions[index].births(T_MS - 50)
    list(scene.say(T_MS))
    source = scene.sources["simulated-sparkplug_b"]
    asked: dict[str, bytes] = {}
    for message in scene.say(T_MS + 60_000):
        foreign = ForeignMessage(message.topic, message.payload, False, T_MS + 60_000)
        decoded = source.decoder.decode(foreign)
        assert decoded.readings == []
        asked |= {answer.topic: answer.payload for answer in decoded.answers}
    assert len(asked) == len(scene.speakers)
    for index in scene.speakers:
        words = scene.sessions[index]
        assert words.is_birth_asked(words.commands, asked[words.commands])
        for birth in words.births(T_MS + 70_000):
            list(scene.take(birth))
    found = [key for m in scene.say(T_MS + 120_000) for key, _, _ in scene.take(m)]
    assert set(found) == set(scene.held_values())


def test_publishers_take_turns(tmp_path: Path) -> None:
    """Each format of a role has somebody, and the native one too."""
    city = load_city(write_city(tmp_path, **spoken_tables(4)))
    directory = build_directory(city, seed=1)
    spoken = speakers_of(directory, ALL_FORMATS)
    assert {speaker.spoken.name for speaker in spoken.values()} == set(FORMATS)
    assert len(directory.publishers) - len(spoken) >= 3
    assert {group.kind for group in directory.groups} == set(CATALOGUE)


def test_formats_that_nobody_knows_are_named() -> None:
    assert formats_named("all") == [*FORMATS, NATIVE]
    assert formats_named(" alink, native") == ["alink", "native"]
    assert formats_named("") == []
    with pytest.raises(ConfigError, match="GIGACITY_SIMULATE_FORMATS: 'alinc' is none of all, nat"):
        formats_named("alinc")


def test_the_command_writes_mappings_that_load(tmp_path: Path) -> None:
    city = write_city(tmp_path / "city", **spoken_tables(4))
    out = tmp_path / "out"
    arguments = ["simulate-sources", "--city", str(city), "--out", str(out)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert len(load_sources(out)) == len(FORMATS)
    (city / FOREIGN_IDS).write_bytes((out / FOREIGN_IDS).read_bytes())
    load_city(city)


@given(
    st.recursive(
        st.booleans()
        | st.integers(-(2**64), 2**64 - 1)
        | st.floats(allow_nan=False)
        | st.text(max_size=300),
        lambda inner: st.lists(inner) | st.dictionaries(st.integers(-30, 300), inner),
    )
)
def test_cbor_is_read_by_a_reader_of_others(value: Any) -> None:
    assert cbor2.loads(cbor(value)) == value


def test_senml_is_said_in_both_encodings(tmp_path: Path) -> None:
    scene = SpokenScene(tmp_path, "senml")
    first, second = (next(iter(scene.say(at_ms))).payload for at_ms in (T_MS, T_MS + 60_000))
    assert (first[:1], second[0] >> 5) == (b"[", 4)
