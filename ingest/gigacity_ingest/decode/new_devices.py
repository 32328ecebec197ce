"""Devices that are met for the first time: who may report them, and what is kept of each."""

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_contract.errors import EncodeError
from gigacity_contract.identifiers import is_community, is_id
from gigacity_contract.kinds import Values
from gigacity_ingest.decode.admission import Admission
from gigacity_ingest.decode.carried import CarriedGroup
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.decode.point_spans import Series
from gigacity_ingest.decode.points import TOO_MANY
from gigacity_ingest.decode.routes import Carried, Route, Routes
from gigacity_ingest.decode.safety import flag_index
from gigacity_ingest.encode.device_lines import (
    HIDES_SENTINELS,
    MEASUREMENT_OF_VALUES,
    SHAPES_OF_VALUES,
    device_prefix,
)


class NewDevices:
    """Lets devices in, and remembers them with the routes on which they report.

    Args:
        registry: of the city in force.
        admission: of what nobody registered.
        routes: keep what is remembered.
    """

    def __init__(self, registry: FieldRegistry, admission: Admission, routes: Routes) -> None:
        self._registry = registry
        self._admission = admission
        self._routes = routes
        self._series: dict[Series, Series] = {}
        """Each one once, however many devices belong to it."""

    def follow(self, registry: FieldRegistry) -> None:
        """Another version of the city is in force."""
        self._registry = registry

    def learn_own(self, route: Route, values: type[Values]) -> Carried:
        """Remember of which kind the device is whose topic this is.

        Raises:
            PayloadError: it is not registered, and there are too many such.
        """
        if not self._admission.admits_device(route.area, route.community, route.id, values=values):
            raise PayloadError(RejectionReason.TOO_MANY_UNREGISTERED, f"{route.id}: {TOO_MANY}")
        route.own = Carried(
            values,
            device_prefix(values, route.area, route.community, route.id),
            self._series_of(values, route.area),
            SHAPES_OF_VALUES[values].full,
            values in HIDES_SENTINELS,
            flag_index(values),
        )
        return route.own

    def learn_carried(
        self, route: Route, community: str, device: str, values: type[Values]
    ) -> tuple[CarriedGroup, str]:
        """Remember a device of a gateway.

        Returns:
            The devices of its kind in its community, and the prefix of its lines.

        Raises:
            PayloadError: the gateway must not report it.
            EncodeError: community or device is outside the grammar.
        """
        refusal = self._refusal(route, community, device)
        if refusal:
            raise PayloadError(RejectionReason.NOT_YOURS, refusal)
        if not (is_community(community) and is_id(device)):
            raise EncodeError(f"{community}/{device} is outside the grammar")
        if not self._admission.admits_device(
            route.area, community, device, values=values, gateway=route.id
        ):
            raise PayloadError(RejectionReason.TOO_MANY_UNREGISTERED, TOO_MANY)
        prefix = device_prefix(values, route.area, community, device)
        series = self._series_of(values, route.area)
        return self._routes.carry(route, (community, values), series, device, prefix), prefix

    def _series_of(self, values: type[Values], area: str) -> Series:
        series = (MEASUREMENT_OF_VALUES[values], area)
        return self._series.setdefault(series, series)

    def _refusal(self, route: Route, community: str, device: str) -> str:
        """Why a gateway must not report this device; empty if it may.

        A device that nobody registered is stored: it never counts, and the quality of the figures
        shows it.
        """
        owner = self._registry.devices.gateway_of(community, device)
        if owner is not None and owner != route.id:
            carrier = f"gateway {owner}" if owner else "the device itself"
            return f"device: {community}/{device} is registered to {carrier}"
        known = self._registry.community_by_code.get(community)
        if known is not None and known.area != route.area:
            return f"community: {community} lies in area {known.area}, not in the gateway's"
        return ""
