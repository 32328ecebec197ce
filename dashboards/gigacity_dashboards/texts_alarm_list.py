"""Words of the panels that list the engine's alarms."""

from gigacity_city.model import Name

OPEN_ALARMS = Name("未恢复的告警", "Open alarms")
OPEN_ALARMS_ABOUT = Name(
    "一个原因一条告警，按受影响家庭数排列；作为另一告警一部分的不在表中。"
    "确认、搁置与历史：gigacity alarms 或 API。",
    "One for each cause, those with most households first; what is part of another alarm is not"
    " listed. To acknowledge, shelve or read its history: gigacity alarms, or the API.",
)
ALARM = Name("告警", "Alarm")
RESOURCE = Name("对象", "Resource")
SEVERITY = Name("级别", "Severity")
HOUSEHOLDS = Name("家庭", "Households")
CAUSE = Name("根因", "Cause")
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
ALARM_MARKS = Name("影响百户以上的告警", "Alarms of 100 homes or more")
