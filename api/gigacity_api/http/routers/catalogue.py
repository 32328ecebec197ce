"""The catalogue: device kinds with their fields, and every definition with its targets."""

import numpy as np

from gigacity_api.http.dependencies import InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.presenters.figures import definition_out
from gigacity_api.http.presenters.reports import reportable_out
from gigacity_api.http.responses import answers
from gigacity_api.http.schemas.catalogue import DefinitionList, FieldOut, KindList, KindOut
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.reports.catalogue import REPORTED
from gigacity_city.model import Name
from gigacity_contract.kinds import CATALOGUE, DeviceKind
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, PON_PORT, Measurement

router = read_router("catalogue")


def _fields(measurement: Measurement) -> list[FieldOut]:
    return [FieldOut.of(field, type=str(field.type)) for field in measurement.fields]


def _port(inventory: Inventory) -> KindOut:
    cadence = inventory.city.cadence
    return KindOut.of(
        PON_PORT,
        kind="port",
        name=Name("PON端口", "PON port"),
        measurement=PON_PORT.name,
        expected_interval_s=cadence.pon_s,
        window_s=cadence.pon_window_ms() / 1000,
        registered=len(inventory.city.ports),
        fields=_fields(PON_PORT),
    )


def _kind(inventory: Inventory, index: int, kind: DeviceKind) -> KindOut:
    cadence = inventory.city.cadence
    measurement = DEVICE_MEASUREMENTS[kind.name]
    return KindOut.of(
        kind,
        kind=kind.name,
        name=Name(kind.zh, kind.en),
        measurement=measurement.name,
        expected_interval_s=cadence.expected_s(kind.name),
        window_s=cadence.window_ms(kind.name) / 1000,
        registered=int(np.count_nonzero(inventory.device_kind == index)),
        fields=_fields(measurement),
    )


@router.get("/kinds", summary="What reports", **answers(KindList))
def kinds(shared: InContext, conditional: InConditional) -> KindList:
    """PON ports and every kind of device: fields, units, plausible ranges, cadence, how many."""
    inventory = shared.inventory
    conditional.check(inventory.city.version)
    devices = [_kind(inventory, i, kind) for i, kind in enumerate(CATALOGUE.values())]
    items = [_port(inventory), *devices]
    return KindList(total=len(items), items=items)


@router.get("/definitions", summary="Every figure and what it means", **answers(DefinitionList))
def definitions(shared: InContext, conditional: InConditional) -> DefinitionList:
    """Measured indicators, figures that only offices report, and the parameters of formulas."""
    city = shared.inventory.city
    conditional.check(city.version)
    return DefinitionList.of(
        city,
        city_version=city.version,
        measured=[definition_out(city, definition) for definition in REGISTRY.values()],
        reported=[reportable_out(city, known) for known in REPORTED.values()],
    )
