"""Types of alarms of figures: what the city promised, and how fast it is used up."""

from gigacity_api.alarms.alarm_types import AlarmType, Knob, XType
from gigacity_api.alarms.model import AlarmText, ResourceKind, Severity

FIGURE_TYPES = (
    AlarmType(
        id="figure.below_target",
        name=AlarmText("指标跌破目标", "figure fell under its target"),
        x_type=XType.QUALITY,
        kinds=(ResourceKind.FIGURE,),
        severity=Severity.MAJOR,
        on_delay_s=0,
        off_delay_s=0,
        runbook="figure-below-target",
        next_step=AlarmText(
            "打开该指标的证据,看是哪些对象移出",
            "open the figure's evidence: which objects went out",
        ),
    ),
    AlarmType(
        id="figure.undetermined",
        name=AlarmText("指标持续无法判定", "figure undetermined for an hour"),
        x_type=XType.QUALITY,
        kinds=(ResourceKind.FIGURE,),
        severity=Severity.WARNING,
        on_delay_s=3_600,
        off_delay_s=0,
        runbook="figure-undetermined",
        next_step=AlarmText(
            "看哪些对象未上报:静默的OLT、网关或采集",
            "see who does not report: silent OLTs, gateways or workers",
        ),
    ),
    AlarmType(
        id="figure.budget_burn",
        name=AlarmText("千兆可用预算消耗过快", "coverage budget burns"),
        x_type=XType.QUALITY,
        kinds=(ResourceKind.CITY,),
        severity=Severity.MINOR,
        on_delay_s=0,
        off_delay_s=0,
        knobs=(
            Knob(
                "alarm_gigabit_slo",
                0.999,
                0.5,
                0.999999,
                "1",
                AlarmText(
                    "30天内千兆可用的户-分钟比例目标",
                    "share of household-minutes with gigabit over 30 days that is promised",
                ),
            ),
        ),
        runbook="budget-burn",
        next_step=AlarmText(
            "按受影响户数处理未清除告警", "work on the open alarms, most households first"
        ),
    ),
)
