"""Why each port has its verdict, for each predicate that is asked of ports: a column of reasons."""

import numpy as np

from gigacity_api.indicators import line_codes
from gigacity_api.indicators.codes import port_oper_down, port_switched_off
from gigacity_api.indicators.definitions import Predicate
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.latest_state import NEVER
from gigacity_api.indicators.reasons import Reasons, VerdictReason, choose
from gigacity_api.indicators.verdicts import IN, UNKNOWN

_GOOD = {
    Predicate.PORT_10G: VerdictReason.PORT_IN_SERVICE_10G,
    Predicate.PORT_AVAILABLE: VerdictReason.PORT_UP,
    Predicate.PORT_OPTICS: VerdictReason.PORT_OPTICS_GOOD,
    Predicate.PORT_ONUS: VerdictReason.PORT_ONUS_ALL_ONLINE,
}


def port_reasons(evaluation: Evaluation, predicate: Predicate) -> Reasons:
    """The reason of every port."""
    ports, verdicts = evaluation.state.ports, evaluation.columns[predicate].verdicts
    return choose(
        (ports.ts == NEVER, VerdictReason.NEVER_REPORTED),
        (~evaluation.ports.fresh, VerdictReason.PORT_STALE),
        (verdicts == IN, _GOOD[predicate]),
        (verdicts == UNKNOWN, VerdictReason.PORT_INCOMPLETE),
        otherwise=_out_reasons(evaluation, predicate),
    )


def _out_reasons(evaluation: Evaluation, predicate: Predicate) -> VerdictReason | Reasons:
    code = evaluation.state.ports.code
    if predicate is Predicate.PORT_ONUS:
        return VerdictReason.PORT_ONUS_OFFLINE
    if predicate is Predicate.PORT_OPTICS:
        return _optics_reasons(evaluation)
    return choose(
        (port_switched_off(code), VerdictReason.PORT_ADMIN_DOWN),
        (port_oper_down(code), VerdictReason.PORT_OPER_DOWN),
        otherwise=VerdictReason.PORT_BELOW_10G,
    )


def _optics_reasons(evaluation: Evaluation) -> Reasons:
    """The first limit that is not kept; the weakest ONU goes first, since it is what fibre does."""
    line = evaluation.state.ports.line
    cases = []
    for scale, name, sign, reason in (
        (line_codes.ONU_RX_MIN_DBM, "optics_onu_rx_min_dbm", 1, VerdictReason.PORT_ONU_RX_LOW),
        (line_codes.TX_DBM, "optics_tx_min_dbm", 1, VerdictReason.PORT_TX_LOW),
        (line_codes.TX_DBM, "optics_tx_max_dbm", -1, VerdictReason.PORT_TX_HIGH),
    ):
        value, limit = scale.of(line), scale.step(evaluation.inventory.parameter(name))
        is_outside = (value > 0) & (sign * value < sign * limit)
        cases.append((is_outside if limit else np.zeros_like(is_outside), reason))
    return choose(*cases, otherwise=VerdictReason.PORT_TOO_WARM)
