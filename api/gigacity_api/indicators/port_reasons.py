"""Why a port has its verdict, for each predicate that is asked of ports."""

from gigacity_api.indicators.codes import PortValues, unpack_port
from gigacity_api.indicators.definitions import Predicate
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.line_codes import ONU_RX_MIN_DBM, TX_DBM
from gigacity_api.indicators.newest import NEVER
from gigacity_api.indicators.reasons import Reason
from gigacity_api.indicators.universe import Universe
from gigacity_api.indicators.verdicts import IN, UNKNOWN

_GOOD = {
    Predicate.PORT_10G: Reason.PORT_IN_SERVICE_10G,
    Predicate.PORT_AVAILABLE: Reason.PORT_UP,
    Predicate.PORT_OPTICS: Reason.PORT_OPTICS_GOOD,
    Predicate.PORT_ONUS: Reason.PORT_ONUS_ALL_ONLINE,
}


def port_reason(evaluation: Evaluation, predicate: Predicate, index: int) -> Reason:
    """The reason of one port."""
    ports = evaluation.state.ports
    if ports.ts[index] == NEVER:
        return Reason.NEVER_REPORTED
    if not evaluation.ports.fresh[index]:
        return Reason.PORT_STALE
    verdict = int(evaluation.columns[predicate].verdicts[index])
    if verdict == IN:
        return _GOOD[predicate]
    if verdict == UNKNOWN:
        return Reason.PORT_INCOMPLETE
    return _out_reason(evaluation, predicate, index)


def _out_reason(evaluation: Evaluation, predicate: Predicate, index: int) -> Reason:
    ports = evaluation.state.ports
    if predicate is Predicate.PORT_ONUS:
        return Reason.PORT_ONUS_OFFLINE
    if predicate is Predicate.PORT_OPTICS:
        return _optics_reason(evaluation.universe, int(ports.line[index]))
    return _state_reason(unpack_port(int(ports.code[index])))


def _state_reason(said: PortValues) -> Reason:
    if said.admin == "down":
        return Reason.PORT_ADMIN_DOWN
    if said.oper == "down":
        return Reason.PORT_OPER_DOWN
    return Reason.PORT_BELOW_10G


def _optics_reason(universe: Universe, line: int) -> Reason:
    """The first limit that is not kept; the weakest ONU goes first, since it is what fibre does."""
    for scale, name, sign, reason in (
        (ONU_RX_MIN_DBM, "optics_onu_rx_min_dbm", 1, Reason.PORT_ONU_RX_LOW),
        (TX_DBM, "optics_tx_min_dbm", 1, Reason.PORT_TX_LOW),
        (TX_DBM, "optics_tx_max_dbm", -1, Reason.PORT_TX_HIGH),
    ):
        value, limit = scale.step(scale.value(line)), scale.step(universe.parameter(name))
        if value and limit and sign * value < sign * limit:
            return reason
    return Reason.PORT_TOO_WARM
