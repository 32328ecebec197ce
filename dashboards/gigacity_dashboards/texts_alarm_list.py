"""Words of the panels that list the engine's alarms."""

from gigacity_city.model import Name

OPEN_ALARMS = Name("未恢复的告警", "Open alarms")
OPEN_ALARMS_ABOUT = Name(
    "一个原因一条告警，按受影响家庭数、再按级别排列；作为另一告警一部分的不在表中。"
    "确认、搁置与历史：gigacity alarms 或 API。",
    "One for each cause, those with most households first, then the gravest; what is part of"
    " another alarm is not listed. To acknowledge, shelve or read its history: gigacity alarms, or"
    " the API.",
)
ALARM = Name("告警", "Alarm")
RESOURCE = Name("对象", "Resource")
SEVERITY = Name("级别", "Severity")
HOUSEHOLDS = Name("家庭", "Households")
CERTAINTY = Name("把握", "How sure")
SINCE = Name("始于", "Since")
SEVERITIES: dict[str, Name] = {
    "critical": Name("紧急", "critical"),
    "major": Name("重要", "major"),
    "minor": Name("次要", "minor"),
    "warning": Name("警告", "warning"),
    "indeterminate": Name("未定", "indeterminate"),
}
CERTAINTIES: dict[str, Name] = {
    "confirmed": Name("已证实", "confirmed"),
    "suspected": Name("疑似", "suspected"),
}
ALARMS_OVER_TIME = Name("新告警（按类型）", "New alarms by type")
ALARMS_OVER_TIME_ABOUT = Name(
    "每个区间新产生的告警，子告警除外。十分钟内超过十条即为告警洪泛。",
    "Alarms that were raised in each interval, without parts of others. More than ten in ten"
    " minutes are a flood.",
)
QUALITY = Name("告警系统自身的质量", "How good the alarm system is")
QUALITY_NOW = Name("告警系统的负荷", "What alarms ask of operators")
QUALITY_NOW_ABOUT = Name(
    "按ISA-18.2：平均每小时约六条可接受；十分钟内十条即为洪泛；一小时内产生三次为抖动；"
    "持续超过一天为陈旧。子告警不计。",
    "By ISA-18.2: about six an hour are acceptable, ten in ten minutes are a flood, an alarm raised"
    " three times within an hour chatters, one that lasts for more than a day is stale. Parts of"
    " other alarms do not count.",
)
LAST_TEN_MINUTES = Name("近十分钟", "Last ten minutes")
IS_FLOOD = Name("洪泛", "Flood")
LAST_HOUR = Name("近一小时", "Last hour")
PER_HOUR = Name("每小时（一天平均）", "An hour (mean of a day)")
CHATTERING = Name("抖动", "Chattering")
STALE = Name("陈旧", "Stale")
ACTIVE = Name("未恢复", "Active")
UNACKNOWLEDGED = Name("未确认", "Unacknowledged")
SHELVED = Name("已搁置", "Shelved")
ACKNOWLEDGE_MEDIAN = Name("确认用时中位数", "Median to acknowledge")
ACKNOWLEDGE_P90 = Name("确认用时九成位", "Nine in ten acknowledged within")
QUALITY_OVER_TIME = Name("告警数量的变化", "Alarms over time")
QUALITY_OVER_TIME_ABOUT = Name(
    "近一小时新产生、未恢复、未确认与陈旧的告警数；线断开表示评估进程已停。",
    "Alarms raised within an hour, active, unacknowledged and stale. A gap: the evaluator was"
    " silent.",
)
FREQUENT = Name("最频繁的十个来源（一周）", "Ten most frequent sources of a week")
FREQUENT_ABOUT = Name(
    "一周内产生次数最多的告警及其在全部告警中的占比：先治理它们。",
    "Alarms that were raised most often within a week, with their share of all: mend these first.",
)
RANK = Name("#", "#")
RAISED = Name("次数", "Raised")
SHARE = Name("占比", "Share of all")
ALARM_MARKS = Name("影响百户以上的告警", "Alarms of 100 homes or more")
