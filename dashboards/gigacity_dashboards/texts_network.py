"""Words of the boards of the optical network: PON network, and one OLT."""

from gigacity_city.model import Name

NETWORK = Name("PON网络", "PON network")
NETWORK_ABOUT = Name(
    "哪些端口有故障、光功率偏低或负荷高？先看全网，再点OLT进入单台看板。",
    "Which ports are broken, weak or full? The whole network first; an OLT's name leads to its"
    " own board.",
)
ONE_OLT = Name("单台OLT", "OLT")
ONE_OLT_ABOUT = Name(
    "这台OLT的每个端口：状态、光功率、ONU、流量与误码，以及它与平台的会话。",
    "Every port of this OLT: state, optical power, ONUs, traffic and errors, and its sessions with"
    " the platform.",
)

OLT = Name("OLT", "OLT")
SLOT = Name("槽位", "Slot")
PORT = Name("端口", "Port")
PORTS = Name("端口数", "Ports")
TECH = Name("制式", "Technology")
ADMIN = Name("管理状态", "Admin state")
OPER = Name("运行状态", "Oper state")
UP = Name("正常", "up")
DOWN = Name("中断", "down")
TX = Name("发送光功率", "Tx power")
RX = Name("接收光功率", "Received power")
WEAKEST_ONU = Name("最弱ONU接收光功率", "Weakest ONU")
BIAS = Name("偏置电流", "Bias current")
TEMPERATURE = Name("温度", "Temperature")
ONUS = Name("ONU总数", "ONUs")
ONUS_ONLINE = Name("在线ONU", "ONUs online")
DOWNSTREAM = Name("下行速率", "Downstream")
UPSTREAM = Name("上行速率", "Upstream")
UNCORRECTABLE = Name("FEC不可纠正", "FEC uncorrectable")
CORRECTED = Name("FEC已纠正", "FEC corrected")
BIP = Name("BIP误码", "BIP errors")
DRIFT = Name("七日漂移", "Drift in 7 days")

WEAKEST_PORTS = Name("光功率最弱的20个端口（10分钟）", "20 weakest ports (10 min)")
WEAKEST_PORTS_ABOUT = Name(
    "所选区域中最弱ONU接收光功率最低的20个端口，取自十分钟内的评估，每四分钟更新一次。"
    "低于-25 dBm为预警，低于-28 dBm为严重。",
    "The 20 ports of the chosen areas with the lowest received power of any ONU, of evaluations of"
    " the last ten minutes; new every four. Below -25 dBm is a warning, below -28 dBm critical.",
)
DRIFTING_PORTS = Name("七日漂移最大的20个端口", "20 ports that drift most (7 days)")
DRIFTING_PORTS_ABOUT = Name(
    "最弱ONU接收光功率的日均值与七天前之差（不分方向），取所选区域中最大的20个端口。"
    "1 dB以上值得检查连接器与弯折。"
    "数据来自日汇总，新系统八天后才有。",
    "How far yesterday's mean of the weakest ONU's power lies from that of a week before, up or"
    " down, of the 20 worst ports of the chosen areas. From 1 dB on, look at connectors and bends."
    " Read from daily roll-ups: a new system has none for its first eight days.",
)
BUSIEST_PORTS = Name("下行最忙的20个端口（10分钟）", "20 busiest ports (10 min)")
BUSIEST_PORTS_ABOUT = Name(
    "所选区域中下行速率最高的20个端口；速率每五分钟读一次。"
    "GPON的标称速率为2.5 Gbit/s，XG(S)-PON为10 Gbit/s。",
    "The 20 ports of the chosen areas with the highest downstream rate, which is read every five"
    " minutes. GPON carries 2.5 Gbit/s, XG-PON and XGS-PON 10 Gbit/s.",
)
FAULTY_PORTS = Name("FEC不可纠正最多的20个端口（10分钟）", "20 ports with most FEC errors (10 min)")
FAULTY_PORTS_ABOUT = Name(
    "FEC不可纠正码字按最近五分钟的增速折算为十分钟的增量，取所选区域中最多的20个端口。"
    "大于零即影响业务；计数器复位的五分钟不计。",
    "Uncorrectable FEC code words in ten minutes, at the pace of the last five, of the 20 worst"
    " ports of the chosen areas. More than none affects service. Five minutes in which a counter"
    " was reset do not count.",
)
HOTTEST_PORTS = Name("温度最高的20个端口（10分钟）", "20 hottest ports (10 min)")
HOTTEST_PORTS_ABOUT = Name(
    "所选区域中光模块温度最高的20个端口，取自十分钟内的评估。70 °C以上超出常见模块的工作范围。",
    "The 20 ports of the chosen areas with the hottest optical module, of evaluations of the last"
    " ten minutes. Above 70 °C most modules are outside their range.",
)
POWER_BANDS = Name("最弱ONU光功率的分布（端口数）", "Weakest ONU's power: ports by range")
POWER_BANDS_ABOUT = Name(
    "按最近一次评估中最弱ONU的接收光功率，所选区域的每个区间有多少个端口；没有上报的端口不计。",
    "How many ports of the chosen areas lie in each range, by the power of their weakest ONU at the"
    " latest evaluation. Ports that do not report are in none.",
)
OLTS = Name("各OLT的端口可用率", "Port availability by OLT")
OLTS_ABOUT = Name(
    "每台OLT的最近一次评估，不可用与未知端口多的在前。整台未知：这台OLT没有上报。点名称进入单台看板。",
    "The latest evaluation of every OLT, those with most ports out or unknown first. All unknown:"
    " the OLT does not report. Its name leads to its own board.",
)
IN_AREAS = Name("分县（市、区）的变化", "by area over time")
SHARE_OUT = Name("不可用", "Out")
PORT_STATES = Name("端口运行状态", "Oper state of the ports")
PORT_STATES_ABOUT = Name(
    "每个端口（槽位/端口）的运行状态。空白：这段时间没有上报。",
    "The state of every port (slot/port). Blank: nothing was reported.",
)
REPORTED = Name("上报于", "Reported")
PORTS_NOW = Name("端口现状", "Ports now")
PORTS_NOW_ABOUT = Name(
    "每个端口十分钟内最新的上报及其时刻；没有上报的端口不在表中。时刻停住：这台OLT已不再上报。",
    "The newest report of every port within ten minutes, and when it was made; a port that does"
    " not report is not listed. A time that stands still: the OLT does not report any more.",
)
ONU_POWER = Name("最弱ONU接收光功率", "Weakest ONU's power by port")
ONU_POWER_ABOUT = Name(
    "各端口最弱ONU的接收光功率；每个区间取最低值。缓慢下降是光路老化或弯折的迹象。",
    "Power received by the weakest ONU of each port; the lowest of each interval. A slow fall is"
    " the sign of an ageing or bent fibre.",
)
ONLINE_ONUS = Name("各端口在线ONU", "ONUs online by port")
ONLINE_ONUS_ABOUT = Name(
    "各端口在线ONU数；每个区间取最低值。同时骤降是断缆或停电的迹象。",
    "ONUs online at each port; the lowest of each interval. A fall of many at once is the sign of a"
    " cut fibre or of lost power.",
)
TRAFFIC = Name("下行速率", "Downstream by port")
TRAFFIC_ABOUT = Name(
    "各端口下行速率，区间平均。", "Downstream rate of each port, mean of interval."
)
MODULE_TEMPERATURE = Name("光模块温度", "Module temperature by port")
MODULE_TEMPERATURE_ABOUT = Name(
    "各端口光模块温度，区间最高。", "Temperature of each module, the highest of each interval."
)
LASER = Name("偏置电流", "Bias current by port")
LASER_ABOUT = Name(
    "各端口激光器偏置电流，区间平均。发送光功率不变而偏置电流上升，说明激光器老化。",
    "Bias current of each laser, mean of interval. One that rises while the transmitted power stays"
    " is an ageing laser.",
)
ERRORS = Name("FEC不可纠正（每区间）", "FEC uncorrectable by port")
ERRORS_ABOUT = Name(
    "各端口每个区间新增的不可纠正码字；持续大于零即影响业务。",
    "New uncorrectable code words of each port; more than none for long affects service.",
)
SESSIONS = Name("会话", "Sessions")
SESSIONS_ABOUT = Name(
    "这台OLT与代理的MQTT会话：何时建立，何时及如何结束。没有结束时间的最新会话为在线。",
    "MQTT sessions of this OLT: when each began, when and how it ended. The newest one without an"
    " end is online.",
)
FIGURES_OF_OLT = Name("这台OLT的指标", "Figures of this OLT")
FIGURES_OF_OLT_ABOUT = Name(
    "最近一次评估；分母为这台OLT登记的端口（ONU在线率为ONU）。",
    "The latest evaluation, over the ports registered for this OLT (ONUs for the share of ONUs).",
)
ERRORS_AND_OPTICS = Name("流量、误码与光模块", "Traffic, errors and optics")
