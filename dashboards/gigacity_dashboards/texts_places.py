"""Words of the boards of communities and devices."""

from gigacity_city.model import Name

COMMUNITIES = Name("智慧社区", "Smart communities")
COMMUNITIES_ABOUT = Name(
    "哪些社区的哪一项没有达到？先看分县（市、区）的矩阵，再看各项最差的社区；点编号进入单个社区看板。",
    "Which communities fail which item? The matrix by area first, then the worst communities of an"
    " item; a code leads to the community's own board.",
)
ONE_COMMUNITY = Name("单个社区", "Community")
ONE_COMMUNITY_ABOUT = Name(
    "这个社区的每项指标及其设备最近的上报。",
    "Every figure of this community, and the newest report of each of its devices.",
)
DEVICES = Name("设备", "Devices")
DEVICES_ABOUT = Name(
    "哪些设备失联、告警或电量低？",
    "What went silent, what raised the alarm, and what runs out of battery?",
)

COMMUNITY = Name("社区", "Community")
DEVICE = Name("设备编号", "Device")
SILENT = Name("离线", "Out")
ITEMS_BY_AREA = Name("各项指标 × 县（市、区）", "Items by area")
ITEMS_BY_AREA_ABOUT = Name(
    "各县（市、区）每项的现值；已知部分不足一半时为上下界。",
    "The value of every item in every area; its bounds where less than half is known.",
)
MOST_SILENT = Name("离线设备最多的20个社区", "20 communities with most devices out")
MOST_SILENT_ABOUT = Name(
    "三十分钟内已知离线设备数的最高值，取全部社区中最多的20个；没有上报的设备为未知，不计入。",
    "The most devices known to be out at once in thirty minutes, of the 20 worst of all"
    " communities; a device that does not report is unknown, and not counted.",
)
LEAST_GIGABIT = Name("千兆住户占比最低的20个社区", "20 communities with least gigabit")
LEAST_GIGABIT_ABOUT = Name(
    "三十分钟内千兆住户占比的最低值，取全部社区中最低的20个。",
    "The lowest share of homes with gigabit access in thirty minutes, of the 20 worst of all"
    " communities.",
)
FEWEST_CAMERAS = Name("摄像机联网率最低的20个社区", "20 communities with fewest cameras online")
FEWEST_CAMERAS_ABOUT = Name(
    "三十分钟内摄像机联网率的最低值，取全部社区中最低的20个。",
    "The lowest share of cameras online in thirty minutes, of the 20 worst of all communities.",
)
ITEMS = Name("这个社区的指标", "Figures of this community")
ITEMS_ABOUT = Name(
    "最近一次评估。社区以下的指标至少每刻钟写入一次。",
    "The latest evaluation. Figures of communities are written at least every quarter of an hour.",
)
ITEMS_OVER_TIME = Name("这个社区的指标的变化", "Figures of this community over time")
ITEMS_OVER_TIME_ABOUT = Name(
    "现值的变化。线断开：没有评估，或已知部分不足一半。",
    "Values over time. A gap: nothing was evaluated, or less than half is known.",
)
NEWEST_REPORTS = Name("最近的上报", "newest reports")
NEWEST_REPORTS_ABOUT = Name(
    "这个社区每台设备在六小时内（每日上报的表计：两天内）最新的上报；其间没有上报的不在表中。",
    "The newest report of every device of this community within six hours, of meters that report"
    " once a day within two days; a device that was silent for so long is not listed.",
)
REPORTED = Name("上报时间", "Reported")

EVENTS = Name("生命安全事件", "Life-safety events")
EVENTS_ABOUT = Name(
    "所选时间内产生的生命安全告警：烟感、燃气、一键求助、门禁强开、井盖位移。同一设备未解除前只计一次。",
    "Alarms of life and safety that were raised in the chosen time: smoke, gas, help buttons,"
    " forced doors, displaced covers. A device counts once until it has cleared.",
)
EVENT = Name("事件", "Event")
SMOKE, GAS = Name("烟感告警", "smoke"), Name("燃气告警", "gas")
HELP, FORCED = Name("一键求助", "help button"), Name("门禁强开", "forced door")
DISPLACED = Name("井盖位移", "displaced cover")
ELEVATORS = Name("故障电梯（10分钟）", "Elevators out of order (10 min)")
ELEVATORS_ABOUT = Name(
    "十分钟内上报过故障的电梯，及其最近一次上报的时间。",
    "Elevators that reported a fault within ten minutes, with the time of the last such report.",
)
LOW_BATTERY = Name("电量最低的10台", "10 lowest batteries")
LOW_BATTERY_ABOUT = Name(
    "所选区域中电量最低的10台设备，取其最新上报；20 %以下应安排更换。",
    "The 10 devices of the chosen areas with the lowest charge in their newest report. Below 20 %"
    " it is time to change the battery.",
)
BATTERY = Name("电量", "Battery")
ENDED_GATEWAYS = Name("已断开的网关会话（七天）", "Ended sessions of gateways (7 days)")
ENDED_GATEWAYS_ABOUT = Name(
    "七天内建立、已结束的网关会话；最近结束的在前。之后又有新会话的网关现已在线。",
    "Sessions of gateways that began in seven days and have ended, the last one first. A gateway"
    " that began a newer session since is online.",
)
GATEWAY = Name("网关", "Gateway")
