"""Every type of alarm and every cause. What operators read of them follows from here."""

from types import MappingProxyType

from gigacity_api.alarms.alarm_types import AlarmType, CauseText, Knob
from gigacity_api.alarms.device_types import DEVICE_TYPES
from gigacity_api.alarms.figure_types import FIGURE_TYPES
from gigacity_api.alarms.model import AlarmText
from gigacity_api.alarms.network_types import NETWORK_TYPES
from gigacity_api.alarms.platform_types import PLATFORM_TYPES

ALARM_TYPES: MappingProxyType[str, AlarmType] = MappingProxyType(
    {t.id: t for t in (*NETWORK_TYPES, *DEVICE_TYPES, *FIGURE_TYPES, *PLATFORM_TYPES)}
)
"""Types by id."""

SEVERITY_KNOBS = (
    Knob(
        "alarm_critical_households",
        1_000,
        1,
        1e7,
        "households",
        AlarmText("达到此户数为紧急", "as many households without gigabit are critical"),
    ),
    Knob(
        "alarm_major_households",
        100,
        1,
        1e7,
        "households",
        AlarmText("达到此户数为重要", "as many are major"),
    ),
    Knob(
        "alarm_minor_households",
        10,
        1,
        1e7,
        "households",
        AlarmText("达到此户数为次要", "as many are minor"),
    ),
)
"""Priority by people, not by boxes."""

KNOBS: MappingProxyType[str, Knob] = MappingProxyType(
    {
        knob.parameter: knob
        for knob in (*SEVERITY_KNOBS, *(k for t in ALARM_TYPES.values() for k in t.knobs))
    }
)
"""Every number that a city may set, by parameter."""

_CAUSES = (
    ("power", "停电", "power cut at the customers"),
    ("feeder", "主干光缆或一级分光器中断", "feeder fibre or first splitter cut"),
    ("branch", "配线光缆或二级分光器中断", "distribution branch or second splitter cut"),
    ("cable", "多端口共用的光缆中断", "cable shared by several ports cut"),
    ("fibre", "光纤中断", "fibre cut"),
    ("card", "业务板故障", "line card failed"),
    ("olt", "OLT故障或OLT断电", "OLT failed, or its mains"),
    ("uplink", "上联链路中断", "uplink cut"),
    ("port", "端口或光模块故障", "port or transceiver failed"),
    ("rogue_onu", "流氓ONU", "rogue ONU"),
    ("laser", "激光器老化或散热不良", "laser ageing, or cooling"),
    ("plant", "接头、弯曲或分光器劣化", "connector, bend or splitter degrading"),
    ("gateway", "网关故障", "gateway failed"),
    ("device", "设备故障", "device failed"),
    ("worker", "采集进程停止", "ingest worker stopped"),
    ("broker", "消息代理中断", "broker away"),
    ("database", "数据库不可用", "database away"),
)

CAUSES: MappingProxyType[str, CauseText] = MappingProxyType(
    {slug: CauseText(slug, AlarmText(zh, en)) for slug, zh, en in _CAUSES}
)
"""Causes by slug."""
