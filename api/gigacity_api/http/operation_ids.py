"""Operation ids of the OpenAPI document: a verb and a noun each, since clients are made from them.

A route whose function is named so already needs no row.
"""

from fastapi.routing import APIRoute

_IDS = {
    "areas": "list_areas", "area": "get_area", "communities": "list_communities",
    "community": "get_community", "olts": "list_olts", "olt": "get_olt", "ports": "list_ports",
    "figures": "list_figures", "indicator": "get_indicator", "evidence": "list_evidence",
    "evidence_export": "export_evidence", "figure_history": "list_history",
    "forecast": "get_forecast", "recomputed_figures": "recompute_figures",
    "recomputed_evidence": "recompute_evidence", "published": "list_published_figures",
    "shown_differences": "compare_figures", "scorecard": "get_scorecard",
    "scorecard_export": "export_scorecard", "reports": "list_reports", "enter": "enter_report",
    "template": "get_report_template", "upload": "upload_reports", "gaps": "list_gaps",
    "gap": "get_gap", "quality": "get_quality", "implausible": "list_implausible_ports",
    "silent": "list_silent_publishers", "unregistered": "list_unregistered_reporters",
    "dead_letters": "count_dead_letters", "kinds": "list_kinds",
    "definitions": "list_definitions", "stream": "follow_stream", "healthz": "get_health",
    "readyz": "get_readiness", "metrics": "get_metrics", "alarms": "list_alarms",
    "alarm": "get_alarm", "alarm_quality": "get_alarm_quality",
    "acknowledge": "acknowledge_alarm", "unacknowledge": "unacknowledge_alarm",
    "comment": "comment_alarm", "shelve": "shelve_alarm", "unshelve": "unshelve_alarm",
    "close": "close_alarm", "windows": "list_maintenance", "plan": "plan_maintenance",
    "cancel": "cancel_maintenance",
}  # fmt: skip


def operation_id(route: APIRoute) -> str:
    """The id of a route's operation."""
    return _IDS.get(route.name, route.name)
