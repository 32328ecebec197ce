"""One cause for the ports that belong together: OLT, card, power, fibre, or the port itself.

Ports that a silent OLT hides are unknown, so they are no conditions at all; what was in force on
them before belongs to the OLT. Of the others, in this order: every port of a card that is down is
the card's; ports that lost ONUs within a few intervals and pass the same communities, or leave the
same OLT in the dark, have one cause; what remains stands alone.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gigacity_api.alarms.evidence import Mains, Witnesses
from gigacity_api.alarms.finding import NONE, AlarmFinding
from gigacity_api.alarms.layout import NetworkLayout
from gigacity_api.alarms.model import AlarmResource, ResourceKind, RootCause, alarm_id
from gigacity_api.alarms.port_conditions import DOWN, FLAPPING, LOSS, PortConditions
from gigacity_api.alarms.silence import AREA, OLT, Silence
from gigacity_api.indicators.latest_state import NEVER
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.verdicts import Flags, Integers

WINDOW_INTERVALS = 3
"""What begins within so many intervals of PON reports may have one cause."""

MOST_OF = 0.7
"""Share of the lost ONUs whose own word decides."""


class LossCounts(NamedTuple):
    """ONUs by what they said last, where OLTs tell it; -1: not told."""

    power: Integers
    signal: Integers


@dataclass(slots=True)
class PortView:
    """What correlation looks at: one instant of one city version."""

    instant: CityInstant
    layout: NetworkLayout
    ports: PortConditions
    silence: Silence
    reasons: LossCounts | None
    known: frozenset[tuple[str, str]]
    """Type and resource of alarms that are active: a cause keeps its name while it lasts."""
    powerless: dict[str, Integers]
    """By id of a loss the communities that were without power when somebody told it last."""


def port_findings(view: PortView) -> list[AlarmFinding]:
    """Every cause on the optical network that an instant shows."""
    layout = view.layout
    silent = view.silence.by_type[OLT].active | view.silence.by_type[OLT].holds
    area_silent = view.silence.by_type[AREA].present[layout.inventory.port_area]
    hidden: Flags = silent[layout.port_olt] | area_silent
    findings = _olts(view, hidden)
    flapping = view.ports.by_type[FLAPPING].active & ~hidden
    down = view.ports.by_type[DOWN].present & ~hidden & ~flapping
    loss = view.ports.by_type[LOSS].present & ~hidden & ~flapping
    findings += [_flapping(view, int(p)) for p in np.flatnonzero(flapping)]
    cards, rest = _cards(view, down)
    findings += cards
    findings += [_down(view, int(p)) for p in np.flatnonzero(rest)]
    findings += _losses(view, np.flatnonzero(loss & ~down))
    return findings


def _olts(view: PortView, hidden: Flags) -> list[AlarmFinding]:
    condition, inventory = view.silence.by_type[OLT], view.layout.inventory
    found = []
    area_silent = view.silence.by_type[AREA].present[inventory.olt_area]
    for index in np.flatnonzero(condition.present & ~area_silent).tolist():
        olt = inventory.city.olts[index]
        mine = np.flatnonzero((view.layout.port_olt == index) & hidden)
        heard = mine[view.instant.state.ports.ts[mine] > NEVER]
        sure = bool(view.silence.session_ended[index])
        cause = RootCause("olt", "confirmed" if sure else "suspected", ("olt", "uplink"))
        found.append(
            AlarmFinding(
                OLT,
                AlarmResource(ResourceKind.OLT, olt.id, olt.area),
                int(condition.since_ms[index]),
                cause,
                ports=heard,
                covers={DOWN: mine, LOSS: mine, FLAPPING: mine},
                members=len(heard),
                is_due=bool(condition.active[index]),
            )
        )
    return found


def _port_resource(view: PortView, port: int) -> AlarmResource:
    inventory = view.layout.inventory
    area = inventory.city.areas[int(inventory.port_area[port])].code
    return AlarmResource(ResourceKind.PORT, str(inventory.city.ports[port].key), area)


def _flapping(view: PortView, port: int) -> AlarmFinding:
    mine = np.array([port])
    cause = RootCause("rogue_onu", "suspected", ("rogue_onu", "plant", "port"))
    return AlarmFinding(
        FLAPPING, _port_resource(view, port), int(view.ports.by_type[FLAPPING].since_ms[port]),
        cause, ports=mine, covers={DOWN: mine, LOSS: mine}, onus=int(view.ports.lost[port]),
    )  # fmt: skip


def _down(view: PortView, port: int) -> AlarmFinding:
    condition, mine = view.ports.by_type[DOWN], np.array([port])
    return AlarmFinding(
        DOWN, _port_resource(view, port), int(condition.since_ms[port]),
        RootCause("port", "confirmed", ("port",)), ports=mine, covers={LOSS: mine},
        is_due=bool(condition.active[port]), onus=max(0, int(view.ports.reference[port])),
    )  # fmt: skip


def _cards(view: PortView, down: Flags) -> tuple[list[AlarmFinding], Flags]:
    """Cards of which every port that counts is down, and the ports that are not explained by it."""
    layout = view.layout
    size = len(layout.cards)
    counted = np.bincount(layout.port_card[view.ports.counts | down], minlength=size)
    fallen = np.bincount(layout.port_card[down], minlength=size)
    is_lost = (fallen >= 2) & (fallen == counted)
    olts = len(layout.inventory.olt_index)
    of_olt = np.bincount(layout.card_olt[counted > 0], minlength=olts)
    lost_of_olt = np.bincount(layout.card_olt[is_lost], minlength=olts)
    whole = (of_olt >= 2) & (lost_of_olt == of_olt)
    found = [
        _equipment(view, down & (layout.port_olt == index), olt=index)
        for index in np.flatnonzero(whole).tolist()
    ]
    for card in np.flatnonzero(is_lost & ~whole[layout.card_olt]).tolist():
        alone = int(of_olt[layout.card_olt[card]]) == 1
        found.append(_equipment(view, down & (layout.port_card == card), card=card, alone=alone))
    return found, down & ~is_lost[layout.port_card]


def _equipment(
    view: PortView,
    ports: Flags,
    *,
    card: int | None = None,
    olt: int | None = None,
    alone: bool = False,
) -> AlarmFinding:
    city, condition = view.layout.inventory.city, view.ports.by_type[DOWN]
    mine = np.flatnonzero(ports)
    if card is not None:
        name, slot = view.layout.cards[card]
        resource = AlarmResource(ResourceKind.CARD, f"{name}/{slot}", city.olt_by_id[name].area)
        cause = (
            RootCause("card", "suspected", ("card", "olt"))
            if alone
            else RootCause("card", "confirmed", ("card",))
        )
        type_id = "pon.card_down"
    else:
        found = city.olts[olt or 0]
        resource = AlarmResource(ResourceKind.OLT, found.id, found.area)
        cause = RootCause("olt", "suspected", ("olt", "power", "card"))
        type_id = "pon.olt_service_lost"
    return AlarmFinding(
        type_id, resource, _begin(condition.since_ms[mine]), cause, ports=mine,
        covers={DOWN: mine, LOSS: mine}, members=len(mine),
        is_due=bool(condition.active[mine].any()),
        onus=int(np.maximum(view.ports.reference[mine], 0).sum()),
    )  # fmt: skip


def _begin(since_ms: Integers) -> int:
    """When the first of them began."""
    some = since_ms[since_ms > 0]
    return int(some.min()) if some.size else 0


def _losses(view: PortView, lost: Integers) -> list[AlarmFinding]:
    if not lost.size:
        return []
    witnesses = Witnesses(view.instant, view.layout)
    return [_loss(view, part, witnesses) for part in _components(view, lost)]


def _components(view: PortView, lost: Integers) -> list[Integers]:
    """Lost ports that have one cause: neighbours in time that share a community, or an OLT's dark.

    Those whose light is back stay with the others until their alarm ends, or each would be told of
    as a new one. Each community (and each OLT, for dark ports) is a node; what begins too long
    after its neighbour is a node of its own. Parts are the connected components.
    """
    layout = view.layout
    window_ms = WINDOW_INTERVALS * round(layout.inventory.city.cadence.pon_s * 1000)
    since = view.ports.by_type[LOSS].since_ms[lost]
    groups = layout.communities_of_port
    count = groups.start[lost + 1] - groups.start[lost]
    position = np.repeat(np.arange(len(lost)), count)
    places = groups.of_groups(lost)
    dark = np.flatnonzero(view.ports.went_dark[lost])
    position = np.concatenate([position, dark])
    communities = len(layout.inventory.community_index)
    places = np.concatenate([places, communities + layout.port_olt[lost[dark]]])
    order = np.lexsort((since[position], places))
    position, places = position[order], places[order]
    begins = since[position]
    apart = np.ones(len(position), dtype=np.bool_)
    apart[1:] = (places[1:] != places[:-1]) | (begins[1:] - begins[:-1] > window_ms)
    node = np.cumsum(apart) - 1
    label = _connected(len(lost), position, node)
    order = np.argsort(label, kind="stable")
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [lost[part] for part in np.split(order, cuts)]


def _connected(size: int, member: Integers, node: Integers) -> Integers:
    """The least member that each is connected with, over nodes that members share."""
    label = np.arange(size)
    if not len(member):
        return label
    nodes = int(node[-1]) + 1
    while True:
        least = np.full(nodes, size, dtype=np.int64)
        np.minimum.at(least, node, label[member])
        new = label.copy()
        np.minimum.at(new, member, least[node])
        new = new[new]
        if np.array_equal(new, label):
            return label
        label = new


def _loss(view: PortView, ports: Integers, witnesses: Witnesses) -> AlarmFinding:
    condition = view.ports.by_type[LOSS]
    since_ms = _begin(condition.since_ms[ports])
    resource = _loss_resource(view, ports)
    before = view.powerless.get(alarm_id(LOSS, resource), NONE)
    found = _cause_of_loss(view, ports, _Past(since_ms, before), witnesses)
    return AlarmFinding(
        LOSS, resource, since_ms, found.cause, ports=ports, powerless=found.powerless,
        is_told=found.is_told,
        covers={LOSS: ports}, members=len(ports), is_due=bool(condition.active[ports].any()),
        onus=int(view.ports.lost[ports].sum()),
    )  # fmt: skip


def _loss_resource(view: PortView, ports: Integers) -> AlarmResource:
    """The port itself; of several the community that most of them pass, or their OLT."""
    if len(ports) == 1:
        return _port_resource(view, int(ports[0]))
    layout, city = view.layout, view.layout.inventory.city
    passed = layout.communities_of_port.of_groups(ports)
    codes, count = np.unique(passed, return_counts=True)
    olts = np.unique(layout.port_olt[ports])
    if len(olts) == 1 and (not len(codes) or count.max() < len(ports)):
        olt = city.olts[int(olts[0])]
        return AlarmResource(ResourceKind.OLT, olt.id, olt.area)
    for index in codes[count >= 2].tolist():
        if (LOSS, city.communities[index].code) in view.known:
            break
    else:
        homes = layout.inventory.community_households[codes]
        index = int(codes[np.lexsort((-homes, -count))[0]])
    community = city.communities[index]
    return AlarmResource(ResourceKind.COMMUNITY, community.code, community.area)


class _LossCause(NamedTuple):
    cause: RootCause
    powerless: Integers
    """Communities whose mains devices fell silent with it."""
    is_told: bool
    """Somebody bears witness, one way or the other."""


class _Past(NamedTuple):
    since_ms: int
    powerless: Integers


def _cause_of_loss(
    view: PortView, ports: Integers, past: _Past, witnesses: Witnesses
) -> _LossCause:
    since_ms = past.since_ms
    dark = bool(view.ports.is_dark[ports].all())
    went_dark = bool(view.ports.went_dark[ports].all())
    fibre = "cable" if len(ports) > 1 else "feeder" if went_dark else "branch"
    communities = np.unique(view.layout.communities_of_port.of_groups(ports))
    mains = [witnesses.mains(np.array([c]), since_ms) for c in communities]
    dead = communities[[said is Mains.DEAD for said in mains]]
    # Devices come back before the last ONU does, and none was heard yet after a restart: where the
    # power was gone, it was gone for as long as the loss lasts.
    dead = np.union1d(dead, np.intersect1d(communities, past.powerless))
    told = _told_by_onus(view, ports)
    if told is not None:
        slug = "power" if told == "power" else fibre
        return _LossCause(RootCause(slug, "confirmed", (slug,)), dead, is_told=True)
    any_alive = Mains.ALIVE in mains
    if dead.size:
        several = len(np.unique(view.layout.port_olt[ports])) > 1
        # Where every home is dark and some have power, power is not the whole truth.
        if not (dark and any_alive) and (several or witnesses.batteries_report(dead, since_ms)):
            return _LossCause(RootCause("power", "confirmed", ("power",)), dead, is_told=True)
        cause = RootCause("power", "suspected", ("power", fibre))
        return _LossCause(cause, dead, is_told=True)
    # A branch may be one community's: each of them must be seen to have power.
    if any_alive and (dark or all(said is Mains.ALIVE for said in mains)):
        return _LossCause(RootCause(fibre, "confirmed", (fibre,)), dead, is_told=True)
    others = ("card", "olt") if len(ports) > 1 and dark else ()
    cause = RootCause(fibre, "suspected", (fibre, "power", *others))
    return _LossCause(cause, dead, is_told=any(said is not Mains.UNTOLD for said in mains))


def _told_by_onus(view: PortView, ports: Integers) -> str | None:
    """What the ONUs said themselves, where the OLT counts it (dying gasp, loss of signal)."""
    if view.reasons is None:
        return None
    power, signal = view.reasons.power[ports], view.reasons.signal[ports]
    told = (power >= 0) | (signal >= 0)
    lost = int(view.ports.lost[ports][told].sum())
    by_power = int(np.maximum(power[told], 0).sum())
    by_signal = int(np.maximum(signal[told], 0).sum())
    if not lost or by_power + by_signal < MOST_OF * lost:
        return None
    if by_power >= MOST_OF * (by_power + by_signal):
        return "power"
    return "signal" if by_signal >= MOST_OF * (by_power + by_signal) else None
