"""Withdrawals: an entry that should never have been made, taken back with a reason."""

from typing import Any

from fastapi import APIRouter, Response

from gigacity_api.http.auditing import audit
from gigacity_api.http.dependencies import DatabaseRoute, InContext
from gigacity_api.http.entering import Reporter, check_bounds, check_takes_declarations, refused
from gigacity_api.http.presenters.reports import report_out
from gigacity_api.http.problem_types import NO_ENTRY, ApiProblem
from gigacity_api.http.responses import enters
from gigacity_api.http.schemas.reports import ReportOut, WithdrawalIn
from gigacity_api.reports.checking import Checker
from gigacity_api.reports.withdrawals import check_withdrawal

router = APIRouter(prefix="/api/v1", tags=["reports"], route_class=DatabaseRoute)


def _documented() -> dict[str, Any]:
    found = enters(ReportOut, NO_ENTRY)
    found["responses"][200]["description"] = "it was withdrawn before: nothing is stored again"
    return found


@router.post("/reports/withdrawals", summary="Withdraw a reported figure", **_documented())
def withdraw_report(
    shared: InContext, key: Reporter, response: Response, withdrawal: WithdrawalIn
) -> ReportOut:
    """Take an entry back: a further revision with the reason, and the entry before it stands again.

    Nothing is deleted: the entry and its withdrawal stay in the history, with who did it.
    撤回一项填报:以新的修订号记录撤回原因,原记录保留,此前的填报重新生效。
    """
    check_takes_declarations(shared)
    checker = Checker(shared.inventory.city, shared.clock.now_ms())
    wanted, faults = check_withdrawal(checker, withdrawal.model_dump())
    if wanted is None:
        raise refused(
            [{"field": f"body.{f.field}", "message": f.en, "zh": f.zh, "row": None} for f in faults]
        )
    check_bounds(key, [wanted.key], shared.inventory.city)
    withdrawn = shared.declarations.withdraw(wanted, key.name)
    if withdrawn is None:
        raise ApiProblem(
            NO_ENTRY,
            f"nothing is entered of {wanted.key[0]} for {wanted.key[1]} {wanted.key[2]!r} and"
            f" {withdrawal.as_of}; GET /api/v1/reports lists the entries",
        )
    if not withdrawn.is_new:
        response.status_code = 200
    else:
        audit("report withdrawn", key, withdrawn.report)
    return report_out(shared.inventory, withdrawn.report)
