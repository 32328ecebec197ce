"""The mappings of what a simulated city speaks, and its table of foreign ids, as texts. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gigacity_city.model import City
from gigacity_simulators.foreign.definition import ForeignFormat
from gigacity_simulators.foreign.readings import PORT_KIND
from gigacity_simulators.foreign.speakers import Speaker
from gigacity_simulators.publisher_directory import Group, PublisherDirectory, PublisherRole

FOREIGN_IDS = "foreign_ids.csv"
_HEADER = "source,foreign_id,area,community,device,olt,slot,port"


class _Spoken(NamedTuple):
    """What one source is about."""

    users: list[str]
    areas: set[str]
    kinds: set[str]


def source_texts(
    city: City, directory: PublisherDirectory, speakers: Mapping[int, Speaker]
) -> dict[str, str]:
    """By file: one mapping for each format that is spoken, and ``foreign_ids.csv`` of the city."""
    formats = {speaker.spoken.name: speaker.spoken for speaker in speakers.values()}
    spoken = {name: _Spoken([], set(), set()) for name in formats}
    for index, speaker in speakers.items():
        publisher, about = directory.publishers[index], spoken[speaker.spoken.name]
        about.users.append(publisher.identity)
        if publisher.role is PublisherRole.OLT:
            about.areas.add(city.olts[publisher.subject].area)
            about.kinds.add(PORT_KIND)
    rows = [_HEADER]
    for device, group, speaker in _devices(directory, speakers):
        about = spoken[speaker.spoken.name]
        about.areas.add(group.area)
        about.kinds.add(group.kind)
        if speaker.spoken.foreign_id is not None:
            name = group.device_id(device)
            foreign_id = speaker.spoken.foreign_id(group.community, name)
            source = source_name(speaker.spoken)
            rows.append(f"{source},{foreign_id},{group.area},{group.community},{name},,,")
    texts = {f"{name}.yaml": _mapping(formats[name], about) for name, about in spoken.items()}
    return texts | {FOREIGN_IDS: "\n".join([*rows, ""])}


def source_name(spoken: ForeignFormat) -> str:
    """Of its mapping."""
    return f"simulated-{spoken.name}"


def _devices(
    directory: PublisherDirectory, speakers: Mapping[int, Speaker]
) -> Iterator[tuple[int, Group, Speaker]]:
    for device, publisher in enumerate(directory.publisher_of):
        speaker = speakers.get(publisher)
        if speaker is not None:
            yield device, directory.groups[directory.group_of[device]], speaker


def _mapping(spoken: ForeignFormat, about: _Spoken) -> str:
    lines = [
        "# Made by `gigacity simulate-sources`: it reads what simulated devices say.",
        "version: 1",
        "sources:",
        f"  - name: {source_name(spoken)}",
        f"    topics: [{_quoted(spoken.topics)}]",
        f"    decoder: {spoken.name}",
        f"    owner: {{areas: [{_quoted(sorted(about.areas))}]}}",
        f"    publishers: {{users: [{_quoted(about.users)}]}}",
        *(f"    {line}" for line in spoken.more),
        f"    identity: {spoken.identity}",
        "    kinds:",
    ]
    for kind in sorted(about.kinds):
        lines += [f"      - kind: {kind}", "        fields:"]
        lines += [f"          {line}" for line in spoken.style.fields(kind)]
    return "\n".join([*lines, ""])


def _quoted(texts: "list[str] | tuple[str, ...]") -> str:
    return ", ".join(f'"{text}"' for text in texts)
