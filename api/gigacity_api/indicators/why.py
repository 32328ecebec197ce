"""Why every object has its verdict, as a column: what evidence shows, filters and sorts by."""

import numpy as np

from gigacity_api.indicators.definitions import Predicate
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.latest_state import NEVER
from gigacity_api.indicators.port_reasons import port_reasons
from gigacity_api.indicators.reasons import ALL, Reasons, VerdictReason, choose
from gigacity_api.indicators.verdicts import IN, OUT, UNKNOWN

_DEVICES = {Predicate.DEVICE_ONLINE, Predicate.CAMERA_INTACT, Predicate.CAMERA_PICTURE}
_REPORTED = {
    Predicate.COMMUNITY_5G_AREA, Predicate.COMMUNITY_TV, Predicate.COMMUNITY_CAMERAS,
}  # fmt: skip


def reasons(evaluation: Evaluation, predicate: Predicate) -> Reasons:
    """The reason of every object of a predicate's subject; made once for an evaluation."""
    found = evaluation.reasons.get(predicate)
    if found is None:
        found = evaluation.reasons[predicate] = _made(evaluation, predicate)
    return found


def reason_at(evaluation: Evaluation, predicate: Predicate, index: int) -> VerdictReason:
    """The reason of one object."""
    return ALL[int(reasons(evaluation, predicate)[index])]


def _made(evaluation: Evaluation, predicate: Predicate) -> Reasons:
    if predicate in _DEVICES:
        return _device_reasons(evaluation, predicate)
    if predicate is Predicate.BUILDING_10G:
        return _building_reasons(evaluation)
    if predicate is Predicate.COMMUNITY_SMART or predicate in _REPORTED:
        return _community_reasons(evaluation, predicate)
    return port_reasons(evaluation, predicate)


def _building_reasons(evaluation: Evaluation) -> Reasons:
    inventory, verdicts = evaluation.inventory, evaluation.ports.building_passed
    passing = np.bincount(inventory.coverage_building, minlength=len(verdicts))
    return choose(
        (passing == 0, VerdictReason.BUILDING_NOT_PASSED),
        (verdicts == IN, VerdictReason.BUILDING_HAS_10G_PORT),
        (verdicts == OUT, VerdictReason.BUILDING_ALL_PORTS_OUT),
        otherwise=VerdictReason.BUILDING_PORTS_UNKNOWN,
    )


def _community_reasons(evaluation: Evaluation, predicate: Predicate) -> Reasons:
    verdicts = evaluation.columns[predicate].verdicts
    if predicate is Predicate.COMMUNITY_SMART:
        return choose(
            (verdicts == OUT, VerdictReason.COMMUNITY_ITEM_FAILS),
            (verdicts == IN, VerdictReason.COMMUNITY_ALL_ITEMS_PASS),
            otherwise=VerdictReason.COMMUNITY_ITEMS_UNKNOWN,
        )
    return choose(
        (verdicts == OUT, VerdictReason.COMMUNITY_REPORTED_IN_PART),
        (verdicts == IN, VerdictReason.COMMUNITY_REPORTED_IN_FULL),
        otherwise=VerdictReason.COMMUNITY_NOT_REPORTED,
    )


def _device_reasons(evaluation: Evaluation, predicate: Predicate) -> Reasons:
    devices = evaluation.devices
    online = choose(
        (devices.ended, VerdictReason.DEVICE_SESSION_ENDED),
        (devices.fresh, VerdictReason.DEVICE_REPORTS),
        (devices.carrier_alive, VerdictReason.DEVICE_SILENT),
        (evaluation.state.devices.ts == NEVER, VerdictReason.NEVER_REPORTED),
        otherwise=VerdictReason.DEVICE_CARRIER_UNPROVEN,
    )
    if predicate is Predicate.DEVICE_ONLINE:
        return online
    good, bad = {
        Predicate.CAMERA_INTACT: (VerdictReason.CAMERA_INTACT, VerdictReason.CAMERA_NOT_INTACT),
        Predicate.CAMERA_PICTURE: (
            VerdictReason.CAMERA_GIVES_PICTURE,
            VerdictReason.CAMERA_NO_PICTURE,
        ),
    }[predicate]
    verdicts = evaluation.columns[predicate].verdicts
    said = choose(
        (verdicts == UNKNOWN, VerdictReason.CAMERA_INCOMPLETE),
        (verdicts == IN, good),
        otherwise=bad,
    )
    found: Reasons = np.where(devices.online == IN, said, online)
    return found
