"""A city whose publishers speak foreign formats, and the mappings that read them.

Every kind of device stands behind gateways and by itself; each format that the simulators speak
has as many publishers as the turns need.
"""

from pathlib import Path

from gigacity_city.load import load_city
from gigacity_contract.kinds import CATALOGUE
from gigacity_simulators.foreign.catalogue import FORMATS, NATIVE
from gigacity_simulators.foreign.sources import FOREIGN_IDS, source_texts
from gigacity_simulators.foreign.speakers import speakers_of
from gigacity_simulators.publisher_directory import PublisherRole, build_directory
from tests.support.city import AREA_A, COMMUNITY_A

OLT_PORTS = 4


def spoken_tables(publishers: int) -> dict[str, str]:
    """Tables of a city with so many OLTs, and as many gateways as formats need.

    Each gateway has a community with cameras and a device of two other kinds; each kind stands by
    itself too.
    """
    kinds = list(CATALOGUE)
    gateways = sum(one.role is PublisherRole.GATEWAY for one in FORMATS.values()) + 1
    codes = [f"371602{2000 + n:06}" for n in range(gateways)]
    devices = []
    for number, code in enumerate(codes):
        pair = [kinds[(2 * number) % len(kinds)], kinds[(2 * number + 1) % len(kinds)]]
        devices += [f"{code},camera,camera-{{1..4}},gw-{number}"]
        devices += [f"{code},{kind},{kind}-{{5..6}},gw-{number}" for kind in pair]
    own = [f"{COMMUNITY_A},{kind},own-{kind}," for kind in kinds]
    olts = [f"olt-{n}" for n in range(publishers)]
    return {
        "communities": _table(
            "code,name,area,urban_class,surface_m2,area_5g_m2,tv_households,key_positions",
            *(f"{code},{code},{AREA_A},111,200000,190000,45,4" for code in [COMMUNITY_A, *codes]),
        ),
        "buildings": _table(
            "id,community,households", *(f"{c}-1,{c},60" for c in [COMMUNITY_A, *codes])
        ),
        "olts": _table("id,area", *(f"{olt},{AREA_A}" for olt in olts)),
        "ports": _table(
            "olt,slot,port,tech",
            *(f"{olt},1,0..{OLT_PORTS - 1},xgs-pon" for olt in olts),
            *(f"{olt},2,1,gpon" for olt in olts),
        ),
        "coverage": _table(
            "olt,slot,port,buildings",
            *(
                f"{olt},1,{port}," + " ".join(f"{c}-1" for c in codes[k :: len(olts) * OLT_PORTS])
                for k, (olt, port) in enumerate((o, p) for o in olts for p in range(OLT_PORTS))
            ),
        ),
        "gateways": _table("id,area", *(f"gw-{n},{AREA_A}" for n in range(gateways))),
        "devices": _table("community,kind,device,gateway", *devices, *own),
    }


def _table(*lines: str) -> str:
    return "\n".join([*lines, ""])


def write_spoken_sources(city: Path, folder: Path, formats: list[str]) -> None:
    """Mappings into a folder, and the table of foreign ids into the city's."""
    folder.mkdir(parents=True, exist_ok=True)
    loaded = load_city(city)
    directory = build_directory(loaded, seed=1)
    texts = source_texts(loaded, directory, speakers_of(directory, formats))
    for name, text in texts.items():
        ((city if name == FOREIGN_IDS else folder) / name).write_text(text, encoding="utf-8")


ALL_FORMATS = [*FORMATS, NATIVE]
