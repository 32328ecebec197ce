"""Words of the boards of operations, of the platform itself, and of the quality of its data."""

from gigacity_city.model import Name

OPERATIONS = Name("运行现状", "Operations now")
OPERATIONS_ABOUT = Name(
    "现在什么坏了、影响谁、先去哪里？",
    "What is broken now, whom does it hit, and where to go first?",
)
PLATFORM = Name("平台健康", "Platform health")
PLATFORM_ABOUT = Name(
    "数字不对是不是平台自己的问题？采集进程的账目、积压、死信与评估进度。",
    "Is a figure wrong because of us? Ledgers, backlog and dead letters of the workers, and how far"
    " the evaluator is.",
)
DATA_QUALITY = Name("数据质量", "Data quality")
DATA_QUALITY_ABOUT = Name(
    "数字可信吗？按时上报、未知、迟到与修订。",
    "Can the figures be trusted? Fresh reporters, unknown objects, late data and revisions.",
)

WITHOUT_GIGABIT = Name("现无千兆的城镇家庭", "Urban homes without gigabit")
WITHOUT_GIGABIT_ABOUT = Name(
    "最近一次评估中已知没有可用10G-PON通路的城镇家庭；另一条可用端口仍能服务的家庭不计。"
    "已知不足一半时显示上下界。",
    "Urban households known to have no working 10G-PON path in the latest evaluation. A home that"
    " another working port still reaches is not among them. Bounds where less than half is known.",
)
AT_LEAST = Name("至少", "at least")
AT_MOST = Name("至多", "at most")
UNHEARD_HOMES = Name("千兆状态未知的城镇家庭", "Urban homes not heard of")
UNHEARD_HOMES_ABOUT = Name(
    "其端口没有新鲜数据的城镇家庭：不算有，也不算没有。",
    "Urban households whose ports sent nothing fresh: neither with nor without.",
)
PORTS_OUT = Name("中断的PON端口", "PON ports out")
PORTS_OUT_ABOUT = Name(
    "已投用而运行状态中断的登记端口。已知不足一半时显示上下界。",
    "Registered ports in service whose oper state is down; bounds where less than half is known.",
)
ONUS_OUT = Name("离线ONU", "ONUs offline")
ONUS_OUT_ABOUT = Name(
    "已知离线的ONU。已知不足一半时显示上下界。",
    "ONUs known to be offline; bounds where less than half is known.",
)
DEVICES_OUT = Name("离线设备", "Devices out")
DEVICES_OUT_ABOUT = Name(
    "已知离线的登记设备。已知不足一半时显示上下界。",
    "Registered devices known to be out; bounds where less than half is known.",
)
WITHOUT_GIGABIT_BY_AREA = Name("无千兆家庭的变化（分县市区）", "Households without gigabit by area")
WITHOUT_GIGABIT_BY_AREA_ABOUT = Name(
    "各县（市、区）已知没有可用10G-PON通路的城镇家庭数。突然升高：从这里开始查。"
    "线断开：已知不足一半。",
    "Urban households known to be without a working 10G-PON path, by area. A sudden rise is where"
    " to begin; a gap means that less than half is known.",
)
LATE_POINTS = Name("迟到的数据点", "Late points")
LATE_POINTS_ABOUT = Name(
    "入库时已超过120秒的数据点，按测量；其时刻会重新评估。",
    "Points over 120 s old when they were stored, by measurement; their instants are evaluated"
    " again.",
)
DISK = Name("死信占用的磁盘", "Dead letters on disk")
DISK_ABOUT = Name(
    "各采集进程保存死信所占的磁盘；上限是设置，接近一半时 /readyz 报警。",
    "Disk that each worker's dead letters take. Their budget is a setting; /readyz warns from half"
    " of it on.",
)
FREE_DISK = Name("采集进程的空闲磁盘", "Free disk of workers")
FREE_DISK_ABOUT = Name(
    "各采集进程状态目录所在磁盘的空闲空间；低于一成即告警，写满后不再确认消息。",
    "Room on the disk of each worker's state folder. Less than a tenth is an alarm; once full,"
    " nothing is acknowledged.",
)
DISKS = Name("磁盘", "Disk")
LEFT = Name("修订剩余时间", "Time until revisions are done")
LEFT_ABOUT = Name(
    "按目前速度，待修订时刻还需多久。", "How long the waiting revisions take at the present pace."
)
