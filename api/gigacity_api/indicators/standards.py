"""Texts that definitions share: who asks for a figure, and how long a report counts."""

from typing import NamedTuple

from gigacity_city.model import Name


class Standard(NamedTuple):
    """A text that asks for figures."""

    name: Name
    date: str
    """ISO date, or its year where no more is known; empty if no text asks for it."""


PLAN = Standard(
    Name("滨州市数字城市建设规划(2023—2025年)", "Binzhou Digital City plan 2023-2025"), "2023-07-24"
)
GIGABIT_CITY = Standard(Name("千兆城市评价指标", "gigabit-city indicator set"), "2023")
SMART_COMMUNITY = Standard(
    Name("山东省智慧社区建设标准(基础型)", "Shandong smart-community standard, basic level"), "2022"
)
SMART_CITY_STARS = Standard(
    Name("DB37/T 3890 新型智慧城市建设指标", "DB37/T 3890 smart-city indicators (stars)"),
    "2020-05-01",
)
PROVINCE_5G = Standard(
    Name("山东省5G规模化应用“扬帆齐鲁”行动计划", "Shandong 5G action plan (Yangfan Qilu)"),
    "2025-06",
)
OPERATING = Standard(Name("运行指标", "operating figure"), "")

PON_WINDOW = Name("3个PON上报周期(默认180秒)", "3 expected PON intervals (180 s by default)")
DEVICE_WINDOW = Name("该类设备的3个上报周期", "3 expected intervals of the device's kind")
CAMERA_WINDOW = Name("3个摄像机上报周期", "3 expected intervals of cameras")
BOTH_WINDOWS = Name(
    "PON端口与摄像机各自的3个上报周期", "3 expected intervals of PON ports and of cameras"
)
NO_WINDOW = Name("登记值,长期有效", "what the city file says; it does not age")

METHOD_OF_2026_11_01 = "2026-11-01"
"""In force since the first figures: those that the plan and the standards of 2023 ask for."""

METHOD_OF_2026_11_24 = "2026-11-24"
"""In force since the items of the smart-community standard, and operating figures, followed."""

METHOD_OF_2026_12_01 = "2026-12-01"
"""In force since a device's own link may hold its reports back (figures.md, section 7)."""
