"""Every word that a board shows, in Chinese and in English. No query and no layout here."""

from typing import Literal

from gigacity_city.model import Name

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

BOARD = Name("城市记分卡", "City scorecard")
BOARD_ABOUT = Name(
    "数字城市指标：由现场设备上报计算，含上下界、判定、数据质量与采集进程状态。",
    "Digital-city figures measured from field devices: bounds, verdicts, data quality, and the"
    " health of the ingest workers.",
)
OPEN_BOARD = Name("打开看板", "Open its board")
OTHER_BOARDS = Name("其他看板", "Other boards")
RESTARTS = Name("采集进程重启", "Restarts of workers")
METHOD_CHANGES = Name("方法版本变更", "Changes of method")
REVISED = Name("已修订的时刻", "Revised instants")
AREA = Name("县（市、区）", "Area")
NO_DATA = Name("无数据", "no data")
NOTHING_HAPPENED = Name("无", "none")
NONE_IF_KNOWN = Name(
    "无；若数字处为“无数据”或上下界，则不可知",
    "none; where figures say “no data” or are bounds, it is not known",
)

# Figures
VALUE = Name("现值", "Value")
LOWER = Name("下界", "Lower bound")
UPPER = Name("上界", "Upper bound")
LOWER_SHORT, UPPER_SHORT = Name("下界", "Lower"), Name("上界", "Upper")
TARGET = Name("目标", "Target")
VERDICT = Name("判定", "Verdict")
NUMERATOR = Name("分子", "Numerator")
DENOMINATOR = Name("分母", "Denominator")
KNOWN_IN = Name("已知达到", "Known in")
KNOWN_OUT = Name("已知未达到", "Known out")
UNKNOWN = Name("未知", "Unknown")
INDICATOR = Name("指标", "Indicator")
KIND = Name("设备类别", "Device kind")
AS_OF = Name("数据时刻", "As of")
BOUNDS_AND_TARGET = Name("上下界、目标与判定", "Bounds, target and verdict")
VERDICTS_OVER_TIME = Name("判定的变化", "Verdicts over time")

VALUE_ABOUT = Name(
    "最近一次评估的现值：已知达到 ÷（已知达到＋已知未达到），数量指标为已知达到数。"
    "比率已知部分不足一半时，此处显示上下界。十分钟内没有新评估时显示“无数据”。",
    "From the latest evaluation: known in / (known in + known out), for a count the known in."
    " A ratio of which less than half is known shows its bounds here."
    " Shows “no data” when nothing was evaluated for ten minutes.",
)
BOUNDS_ABOUT = Name(
    "下界把未知对象全部算作未达到，上界全部算作达到，分母为登记总数。下界不低于目标为达标，上界低于目标为未达标，否则无法判定。",
    "The lower bound counts every unknown object as out, the upper bound as in, over all registered"
    " objects. Met: lower bound at or above the target. Missed: upper bound below it.",
)
AS_OF_ABOUT = Name(
    "全市最近一次评估所描述的时刻。数值变旧说明评估进程已停。",
    "The instant of which the latest evaluation of the city speaks. An old one means that the"
    " evaluator has stopped.",
)
OVER_TIME_ABOUT = Name(
    "现值与上下界之间的带。带越宽，未知对象越多。只有带而没有线：已知部分不足一半。"
    "带也断开表示这段时间没有评估。",
    "The value within the band of its bounds: the wider, the more objects are unknown. The band"
    " without the line: less than half is known. A gap in both: nothing was evaluated.",
)
BY_AREA_ABOUT = Name("每个县（市、区）的最近一次评估。", "The latest evaluation of every area.")
BARS_ABOUT = Name(
    "各县（市、区）现值，颜色为判定。没有柱：已知部分不足一半，上下界见下方明细。",
    "The value of every area, coloured by its verdict. No bar: less than half is known; the table"
    " below has the bounds.",
)
IN_AREAS_ABOUT = Name(
    "各县（市、区）现值的变化。线断开：没有评估，或已知部分不足一半。",
    "The value of every area over time. A gap: nothing was evaluated, or less than half is known.",
)
BY_KIND_ABOUT = Name("全市各类设备的最近一次评估。", "The latest evaluation of every device kind.")

OVER_TIME = Name("变化", "over time")
BY_AREA = Name("分县（市、区）", "by area")
BY_AREA_DETAIL = Name("分县（市、区）明细", "by area, in detail")
BY_KIND = Name("分设备类别", "by device kind")

BEGAN = Name("建立于", "Began")
ENDED = Name("结束于", "Ended")
END_SOURCE = Name("结束方式", "Ended by")
REASON = Name("原因", "Reason")

VERDICT_OF: dict[str, Name] = {
    "met": Name("达标", "met"),
    "missed": Name("未达标", "missed"),
    "undetermined": Name("无法判定", "undetermined"),
    "no_target": Name("无目标", "no target"),
}

# Quality
QUALITY = Name("数据的新鲜度与质量", "Freshness and quality of the data")
FRESH_SHARE = Name("按时上报率", "Fresh reporters")
FRESH_SHARE_OVER_TIME = Name("按时上报率的变化（区间最低）", "Fresh reporters (lowest in interval)")
FRESH_SHARE_ABOUT = Name(
    "应上报对象中在窗口内上报的比例，每个区间取最低值。",
    "Share of the expected reporters that reported within their window; the lowest of each"
    " interval.",
)
UNKNOWN_OVER_TIME = Name("未知对象数（区间最高）", "Unknown objects (highest in interval)")
UNKNOWN_ABOUT = Name(
    "没有新鲜有效数据的登记对象，每个区间取最高值。",
    "Registered objects without fresh valid data; the highest of each interval.",
)
REVISIONS_WAITING = Name("待修订时刻数", "Instants waiting to be revised")
REVISIONS_WAITING_ABOUT = Name(
    "迟到数据所涉及、等待重新计算的时刻;从最新的时刻开始处理。剩余时间见 /readyz。",
    "Instants that late data touched and that wait to be evaluated again, the newest first."
    " How long it takes: /readyz.",
)
GRADE = Name("等级", "Grade")
REVISION = Name("修订", "Revision")
CITY_VERSION = Name("城市文件版本", "City version")
METHOD_VERSION = Name("方法版本", "Method version")
QUALITY_TABLE = Name("各指标的数据质量（全市）", "Data quality by indicator, whole city")
QUALITY_ABOUT = Name(
    "最近一次评估所依据的数据。登记但未上报的对象算作未知，从不算作零。",
    "What the latest evaluation rests on. A registered object without data is unknown, never zero.",
)

# Worker
WORKER_HEALTH = Name("采集进程", "Ingest workers")
WORKER = Name("进程", "Worker")
WORKERS_NOW = Name("采集进程现状", "Workers now")
WORKERS_NOW_ABOUT = Name(
    "每个进程最近十分钟内的最新快照；计数自进程启动起累计。",
    "The newest snapshot of each worker within ten minutes; counts run since the process started.",
)
STARTED = Name("启动于", "Started")
CONNECTED = Name("已连接", "Connected")
BALANCED = Name("账目平衡", "Ledger balanced")
BALANCED_ABOUT = Name(
    "消息账与数据点账是否平衡：收到＝已确认＋未确认；解码＋启动时积压＝入库＋死信＋积压＋在途（＋撤回＋损坏）。不平衡即为缺陷。",
    "Messages: received = acknowledged + unacknowledged. Points: decoded + spooled at start ="
    " confirmed + dead-lettered + spooled + in flight (+ withdrawn + damaged). Anything else is a"
    " fault.",
)
MESSAGES_PER_S = Name("消息速率", "Messages per second")
MESSAGES_ABOUT = Name(
    "收到与确认应并行；确认落后说明数据库慢或不可用。",
    "Received and acknowledged run side by side; acknowledgements that lag mean a slow or absent"
    " database.",
)
POINTS_PER_S = Name("数据点速率", "Points per second")
POINTS_ABOUT = Name(
    "解码、入库与被数据库拒收的数据点。",
    "Points decoded, confirmed, and refused by the database.",
)
BACKLOG = Name("未确认与在途", "Unacknowledged and in flight")
BACKLOG_ABOUT = Name(
    "尚未确认的消息、在途数据点与磁盘积压；应保持平稳，持续上升说明写入跟不上。",
    "Messages not yet acknowledged, points in flight and spooled to disk. A steady rise means that"
    " writing does not keep up.",
)
TROUBLE = Name("重投、写入失败与死信（每区间）", "Redeliveries, failed writes, dead letters")
TROUBLE_ABOUT = Name(
    "每个区间的增量。重投无害（同一点覆盖自身），写入失败会重试；持续出现时检查数据库与网络。",
    "Growth in each interval. Redeliveries are harmless (a point overwrites itself) and failed"
    " writes are retried; look at the database and the network when they go on.",
)
INTAKE = Name("上报质量（每区间）", "Quality of reports")
INTAKE_ABOUT = Name(
    "每个区间的增量：序号缺口、被忽略的未知字段、因无效或哨兵值而缺失的字段。",
    "Growth in each interval: gaps in sequence numbers, unknown fields ignored, fields left out as"
    " invalid or as sentinels.",
)
DEAD_LETTERS = Name("死信累计（按原因）", "Dead letters by reason, in total")
DEAD_LETTERS_ABOUT = Name(
    "自进程启动起累计。被拒收的消息与条目；原文保留，可用 gigacity deadletters 列出与重放。",
    "Since the worker started. Refused messages and entries; their bytes are kept: list and replay"
    " them with gigacity deadletters.",
)
TURNED_AWAY = Name("被代理拒绝的发送者（累计）", "Turned away at the broker, in total")
TURNED_AWAY_ABOUT = Name(
    "代理丢弃的消息(路径之外或过大)与现场订阅，按发送者。由 gigacity broker-log 读取代理日志得到，"
    "仅在其运行时有数据；代理日志须为 debug 级。",
    "Messages that the broker dropped (outside the publisher's path, too large), and subscriptions"
    " of the field, by publisher. Read from the broker's log by gigacity broker-log, while that"
    " runs; the broker must log at the level debug.",
)
RECEIVED = Name("收到", "received")
ACKNOWLEDGED = Name("已确认", "acknowledged")
UNACKNOWLEDGED = Name("未确认消息", "unacknowledged")
DECODED = Name("解码", "decoded")
CONFIRMED = Name("入库", "confirmed")
DEAD_LETTERED = Name("死信", "dead-lettered")
REFUSED = Name("拒收", "refused")
IN_FLIGHT = Name("在途", "in flight")
SPOOLED = Name("积压", "spooled")
REDELIVERED = Name("重投", "redelivered")
WRITE_FAILURES = Name("写入失败", "write failures")
SEQUENCE_GAPS = Name("序号缺口", "sequence gaps")
UNKNOWN_FIELDS = Name("未知字段", "unknown fields")
ABSENT_FIELDS = Name("缺失字段", "absent fields")
YES = Name("是", "yes")
NO = Name("否", "no")


def pick(name: Name, language: Language) -> str:
    """The name in one language."""
    return name.zh if language == "zh" else name.en
