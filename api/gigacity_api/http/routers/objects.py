"""One device or port by its id: its verdict, its newest report, and its raw reports."""

from typing import Annotated

from fastapi import Path, Query, Response

from gigacity_api.http.context import evaluation_of
from gigacity_api.http.dependencies import DatabaseRoute, InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.lookups import known_community, known_device, known_port
from gigacity_api.http.presenters.figures import port_out
from gigacity_api.http.readings import ReadingsQuery, ReadingsRange, last_values, readings_page
from gigacity_api.http.responses import answers
from gigacity_api.http.schemas.objects import DeviceDetail, PortDetail, ReadingPage
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.subjects.device.online import DEVICE_ONLINE
from gigacity_api.indicators.subjects.port.in_service import PON_PORTS_10G
from gigacity_api.storage.queries.readings import device_readings, port_readings
from gigacity_city.model import Name
from gigacity_contract.kinds import CATALOGUE

router = read_router("places", route=DatabaseRoute)

Community = Annotated[str, Path(description="its code", examples=["371602001001"])]
Device = Annotated[str, Path(description="its id in the community", examples=["camera-7"])]
Olt = Annotated[str, Path(description="id of the OLT", examples=["olt-1"])]
Number = Annotated[int, Path(ge=0, le=65_535, examples=[1])]


def _device(inventory: Inventory, community: str, device: str) -> tuple[int, str, ReadingsQuery]:
    known_community(inventory, community)
    index = known_device(inventory, community, device)
    row, _ = inventory.device_range(index)
    return index, row.kind, lambda a, u: device_readings(row.kind, community, device, a, u)


@router.get(
    "/devices/{community}/{device}", summary="One device", **answers(DeviceDetail, 404, 501)
)
def get_device(
    shared: InContext, conditional: InConditional, community: Community, device: Device
) -> Response:
    """A registered device, whether it is online and why, and what its newest report said."""
    publication = shared.publication()
    evaluation, inventory = evaluation_of(publication), publication.inventory
    index, kind, query_of = _device(inventory, community, device)
    entry = DEVICE_ONLINE.entry(evaluation.instant, index)
    row, _ = inventory.device_range(index)
    catalogued = CATALOGUE[kind]
    return conditional.answer(
        DeviceDetail.of(
            publication, entry, community=community, device=device, kind=kind,
            name=Name(catalogued.zh, catalogued.en), gateway=row.gateway or None,
            values=last_values(shared.store, query_of, entry.last_report_ms),
        )
    )  # fmt: skip


@router.get(
    "/devices/{community}/{device}/history",
    summary="The raw reports of a device",
    **answers(ReadingPage, 400, 404),
)
def list_device_readings(
    shared: InContext,
    conditional: InConditional,
    community: Community,
    device: Device,
    query: Annotated[ReadingsRange, Query()],
) -> Response:
    """Every report within raw retention, oldest first; the last day unless a range is given."""
    _, _, query_of = _device(shared.inventory, community, device)
    return conditional.answer(readings_page(shared, f"{community}/{device}", query_of, query))


@router.get("/ports/{olt}/{slot}/{port}", summary="One port", **answers(PortDetail, 404, 501))
def get_port(
    shared: InContext, conditional: InConditional, olt: Olt, slot: Number, port: Number
) -> Response:
    """A registered port, whether it counts as 10G and why, and what its newest report said."""
    publication = shared.publication()
    evaluation = evaluation_of(publication)
    index = known_port(publication.inventory, olt, slot, port)
    entry = PON_PORTS_10G.entry(evaluation.instant, index)
    values = last_values(
        shared.store, lambda a, u: port_readings(olt, slot, port, a, u), entry.last_report_ms
    )
    return conditional.answer(PortDetail.of(publication, port=port_out(entry), values=values))


@router.get(
    "/ports/{olt}/{slot}/{port}/history",
    summary="The raw reports of a port",
    **answers(ReadingPage, 400, 404),
)
def list_port_readings(
    *,
    shared: InContext,
    conditional: InConditional,
    olt: Olt,
    slot: Number,
    port: Number,
    query: Annotated[ReadingsRange, Query()],
) -> Response:
    """Every report within raw retention, oldest first; the last day unless a range is given."""
    known_port(shared.inventory, olt, slot, port)
    page = readings_page(
        shared, f"{olt}/{slot}/{port}", lambda a, u: port_readings(olt, slot, port, a, u), query
    )
    return conditional.answer(page)
