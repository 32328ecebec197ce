"""Types of alarms of this platform itself: never the field's fault."""

from gigacity_api.alarms.alarm_types import AlarmType, Knob, XType
from gigacity_api.alarms.model import AlarmText, ResourceKind, Severity


def _ours(
    id_: str,
    zh: str,
    en: str,
    *,
    kind: ResourceKind,
    severity: Severity,
    next_zh: str,
    next_en: str,
    runbook: str = "telemetry",
    on_delay_s: int = 0,
    off_delay_s: int = 60,
    knobs: tuple[Knob, ...] = (),
) -> AlarmType:
    return AlarmType(
        id=id_,
        name=AlarmText(zh, en),
        x_type=XType.PROCESSING,
        kinds=(kind,),
        severity=severity,
        on_delay_s=on_delay_s,
        off_delay_s=off_delay_s,
        knobs=knobs,
        runbook=runbook,
        next_step=AlarmText(next_zh, next_en),
    )


PLATFORM_TYPES = (
    _ours(
        "platform.area_silent",
        "区县全部静默",
        "every reporter of an area silent",
        kind=ResourceKind.AREA,
        severity=Severity.CRITICAL,
        runbook="area-silent",
        next_zh="先查该区县的采集进程与消息代理,再查上联",
        on_delay_s=60,
        next_en="check the area's worker and broker first, then its uplink",
    ),
    _ours(
        "platform.worker_silent",
        "采集进程静默",
        "worker silent",
        kind=ResourceKind.WORKER,
        severity=Severity.CRITICAL,
        next_zh="重启采集进程,看其日志",
        next_en="restart the worker and read its log",
    ),
    _ours(
        "platform.broker_unreachable",
        "采集进程未连上消息代理",
        "worker without a broker session",
        kind=ResourceKind.WORKER,
        severity=Severity.CRITICAL,
        on_delay_s=60,
        next_zh="检查消息代理",
        next_en="check the broker",
    ),
    _ours(
        "platform.database_unreachable",
        "数据库不可用",
        "database unreachable",
        kind=ResourceKind.DATABASE,
        severity=Severity.CRITICAL,
        on_delay_s=30,
        next_zh="恢复数据库;采集进程会在磁盘上暂存",
        next_en="bring it back; workers spool to disk",
    ),
    _ours(
        "platform.evaluator_late",
        "指标计算滞后",
        "evaluator late",
        kind=ResourceKind.EVALUATOR,
        severity=Severity.MAJOR,
        runbook="figures",
        next_zh="查看接口进程日志与数据库负载",
        next_en="read the API's log and the load of the database",
        knobs=(
            Knob(
                "alarm_evaluator_ticks",
                5,
                2,
                1_000,
                "intervals",
                AlarmText("滞后的周期数", "intervals that it may be late"),
            ),
        ),
    ),
    _ours(
        "platform.spool_filling",
        "采集暂存增长",
        "spool filling",
        kind=ResourceKind.WORKER,
        severity=Severity.MAJOR,
        on_delay_s=300,
        off_delay_s=120,
        next_zh="检查数据库写入与磁盘余量",
        next_en="check the database's writes and the disk",
    ),
    _ours(
        "platform.dead_letters",
        "死信比例过高",
        "many messages refused",
        kind=ResourceKind.WORKER,
        severity=Severity.MAJOR,
        on_delay_s=60,
        off_delay_s=300,
        next_zh="gigacity deadletters 查看原因",
        next_en="see why with gigacity deadletters",
        knobs=(
            Knob(
                "alarm_dead_letter_share",
                0.01,
                0.0001,
                1,
                "1",
                AlarmText("死信占解码点数之比", "dead letters over points decoded"),
            ),
        ),
    ),
    _ours(
        "platform.ledger_unbalanced",
        "账目不平",
        "ledger out of balance",
        kind=ResourceKind.WORKER,
        severity=Severity.CRITICAL,
        next_zh="保留状态目录并报告缺陷",
        next_en="keep the state folder and report the fault",
    ),
    _ours(
        "platform.clock_wrong",
        "采集进程时钟偏差",
        "worker's clock is wrong",
        kind=ResourceKind.WORKER,
        severity=Severity.MAJOR,
        on_delay_s=120,
        next_zh="检查该机器的NTP",
        next_en="check NTP on its machine",
        knobs=(
            Knob(
                "alarm_clock_s",
                120,
                1,
                86_400,
                "s",
                AlarmText("允许偏差", "how far it may be ahead"),
            ),
        ),
    ),
    _ours(
        "platform.city_file_refused",
        "城市文件未生效",
        "city file not in force",
        kind=ResourceKind.CITY,
        severity=Severity.MINOR,
        runbook="figures",
        next_zh="按提示修正城市文件",
        next_en="mend the file as the message says",
    ),
)

UNKNOWN_TO_THE_API = (
    AlarmText("磁盘余量", "free disk"),
    AlarmText("证书到期", "certificates that run out"),
)
"""What only the machines themselves can tell; ``gigacity doctor`` looks at it."""
