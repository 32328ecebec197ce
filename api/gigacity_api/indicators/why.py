"""Why every object has its verdict, as a column: what evidence shows, filters and sorts by."""

import numpy as np

from gigacity_api.indicators.definitions import Predicate
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.newest import NEVER
from gigacity_api.indicators.port_reasons import port_reasons
from gigacity_api.indicators.reasons import ALL, Reason, Reasons, choose
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


def reason_at(evaluation: Evaluation, predicate: Predicate, index: int) -> Reason:
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
    universe, verdicts = evaluation.universe, evaluation.ports.building_passed
    passing = np.bincount(universe.coverage_building, minlength=len(verdicts))
    return choose(
        (passing == 0, Reason.BUILDING_NOT_PASSED),
        (verdicts == IN, Reason.BUILDING_HAS_10G_PORT),
        (verdicts == OUT, Reason.BUILDING_ALL_PORTS_OUT),
        otherwise=Reason.BUILDING_PORTS_UNKNOWN,
    )


def _community_reasons(evaluation: Evaluation, predicate: Predicate) -> Reasons:
    verdicts = evaluation.columns[predicate].verdicts
    if predicate is Predicate.COMMUNITY_SMART:
        return choose(
            (verdicts == OUT, Reason.COMMUNITY_ITEM_FAILS),
            (verdicts == IN, Reason.COMMUNITY_ALL_ITEMS_PASS),
            otherwise=Reason.COMMUNITY_ITEMS_UNKNOWN,
        )
    return choose(
        (verdicts == OUT, Reason.COMMUNITY_REPORTED_IN_PART),
        (verdicts == IN, Reason.COMMUNITY_REPORTED_IN_FULL),
        otherwise=Reason.COMMUNITY_NOT_REPORTED,
    )


def _device_reasons(evaluation: Evaluation, predicate: Predicate) -> Reasons:
    devices = evaluation.devices
    online = choose(
        (devices.ended, Reason.DEVICE_SESSION_ENDED),
        (devices.fresh, Reason.DEVICE_REPORTS),
        (devices.carrier_alive, Reason.DEVICE_SILENT),
        (evaluation.state.devices.ts == NEVER, Reason.NEVER_REPORTED),
        otherwise=Reason.DEVICE_CARRIER_UNPROVEN,
    )
    if predicate is Predicate.DEVICE_ONLINE:
        return online
    good, bad = {
        Predicate.CAMERA_INTACT: (Reason.CAMERA_INTACT, Reason.CAMERA_NOT_INTACT),
        Predicate.CAMERA_PICTURE: (Reason.CAMERA_GIVES_PICTURE, Reason.CAMERA_NO_PICTURE),
    }[predicate]
    verdicts = evaluation.columns[predicate].verdicts
    said = choose(
        (verdicts == UNKNOWN, Reason.CAMERA_INCOMPLETE), (verdicts == IN, good), otherwise=bad
    )
    found: Reasons = np.where(devices.online == IN, said, online)
    return found
