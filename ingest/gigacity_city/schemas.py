"""Every table of a city folder: its columns, keys and references."""

from gigacity_city import files
from gigacity_city.registry import parse_id_range
from gigacity_city.tables import TableSchema
from gigacity_city.values import (
    anything,
    area_code,
    choice,
    community_code,
    foreign_id,
    identifier,
    optional,
    span,
    urban_class,
    whole,
    words,
)
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.technology import parse_tech

_SURFACE_M2 = 10**10
_HOUSEHOLDS = 100_000
_SLOT = whole(0, 255)
_PORT = span(255)

COMMUNITIES = TableSchema(
    file=files.COMMUNITIES,
    noun="community",
    key="code",
    columns={
        "code": community_code,
        "name": words,
        "area": area_code,
        "urban_class": urban_class,
        "surface_m2": whole(1, _SURFACE_M2),
        "area_5g_m2": optional(whole(0, _SURFACE_M2)),
        "tv_households": optional(whole(0, 10 * _HOUSEHOLDS)),
        "key_positions": optional(whole(0, _HOUSEHOLDS)),
    },
    references={"area": files.OUTLINE},
)
BUILDINGS = TableSchema(
    file=files.BUILDINGS,
    noun="building",
    key="id",
    columns={"id": identifier, "community": community_code, "households": whole(1, _HOUSEHOLDS)},
    references={"community": files.COMMUNITIES},
)
OLTS = TableSchema(
    file=files.OLTS,
    noun="OLT",
    key="id",
    columns={"id": identifier, "area": area_code},
    references={"area": files.OUTLINE},
)
PORTS = TableSchema(
    file=files.PORTS,
    noun="port",
    columns={"olt": anything, "slot": _SLOT, "port": _PORT, "tech": parse_tech},
    references={"olt": files.OLTS},
)
COVERAGE = TableSchema(
    file=files.COVERAGE,
    columns={"olt": anything, "slot": _SLOT, "port": _PORT, "buildings": words},
    may_be_empty=True,
)
GATEWAYS = TableSchema(
    file=files.GATEWAYS,
    noun="gateway",
    key="id",
    columns={"id": identifier, "area": area_code},
    references={"area": files.OUTLINE},
    may_be_empty=True,
)
DEVICES = TableSchema(
    file=files.DEVICES,
    columns={
        "community": community_code,
        "kind": choice(CATALOGUE, "a device kind"),
        "device": parse_id_range,
        "gateway": anything,
    },
    references={"community": files.COMMUNITIES, "gateway": files.GATEWAYS},
    may_be_empty=True,
)
FOREIGN_IDS = TableSchema(
    file=files.FOREIGN_IDS,
    columns={
        "source": identifier,
        "foreign_id": foreign_id,
        "area": optional(area_code),
        "community": optional(community_code),
        "device": optional(identifier),
        "olt": optional(identifier),
        "slot": optional(_SLOT),
        "port": optional(whole(0, 255)),
    },
    references={"area": files.OUTLINE, "community": files.COMMUNITIES, "olt": files.OLTS},
    may_be_empty=True,
)

SCHEMAS = (COMMUNITIES, BUILDINGS, OLTS, PORTS, COVERAGE, GATEWAYS, DEVICES, FOREIGN_IDS)
"""In the order in which they are read: a table refers to those before it."""
