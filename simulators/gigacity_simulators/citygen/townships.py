"""Townships of Binzhou (real names and codes), and how the generator spreads homes over them.

Codes and names: National Bureau of Statistics, 2023-06-30, as collected by
github.com/modood/Administrative-divisions-of-China, streets.csv at 57a0aa9. Which townships a
development zone administers is common knowledge without an official text at hand. Populations of
Bincheng and Zouping are of 2021; the other weights are rough.
"""

from typing import NamedTuple


class AreaFacts(NamedTuple):
    """An area as the generator sees it."""

    code: str
    population: float
    """Ten thousand people."""
    urban_share: float
    """Share of its households in urban communities, county level and above."""
    is_city: bool
    """Its sub-districts are classed as city (111, 112), not as town (121, 122)."""
    townships: dict[str, str]
    """Name by 9-digit code; a zone's keep the code of the county around it."""

    def streets(self) -> list[str]:
        """Codes of its sub-districts (街道)."""
        return [code for code in self.townships if code[6] == "0"]

    def towns(self) -> list[str]:
        """Codes of its towns (镇) and townships (乡); if it has none, of its sub-districts."""
        return [code for code in self.townships if code[6] != "0"] or self.streets()


AREAS: tuple[AreaFacts, ...] = (
    AreaFacts(  # 滨城区
        "371602",
        63.25,
        0.88,
        is_city=True,
        townships={
            "371602001": "市中街道",
            "371602002": "市西街道",
            "371602003": "北镇街道",
            "371602004": "市东街道",
            "371602005": "彭李街道",
            "371602008": "滨北街道",
            "371602009": "梁才街道",
            "371602105": "三河湖镇",
            "371602106": "杨柳雪镇",
            "371602203": "秦皇台乡",
        },
    ),
    AreaFacts(  # 沾化区
        "371603",
        36,
        0.55,
        is_city=True,
        townships={
            "371603001": "富国街道",
            "371603002": "富源街道",
            "371603101": "下洼镇",
            "371603102": "古城镇",
            "371603103": "冯家镇",
            "371603104": "泊头镇",
            "371603105": "大高镇",
            "371603106": "黄升镇",
            "371603107": "滨海镇",
            "371603203": "下河乡",
            "371603204": "利国乡",
            "371603400": "海防办事处乡",
        },
    ),
    AreaFacts(  # 惠民县
        "371621",
        53,
        0.5,
        is_city=False,
        townships={
            "371621001": "孙武街道",
            "371621003": "何坊街道",
            "371621004": "武定府街道",
            "371621101": "石庙镇",
            "371621102": "桑落墅镇",
            "371621103": "淄角镇",
            "371621104": "胡集镇",
            "371621105": "李庄镇",
            "371621107": "麻店镇",
            "371621108": "魏集镇",
            "371621109": "清河镇",
            "371621111": "姜楼镇",
            "371621113": "辛店镇",
            "371621114": "大年陈镇",
            "371621115": "皂户李镇",
        },
    ),
    AreaFacts(  # 阳信县
        "371622",
        41,
        0.5,
        is_city=False,
        townships={
            "371622001": "信城街道",
            "371622002": "金阳街道",
            "371622101": "商店镇",
            "371622102": "温店镇",
            "371622103": "河流镇",
            "371622104": "翟王镇",
            "371622105": "流坡坞镇",
            "371622106": "水落坡镇",
            "371622107": "劳店镇",
            "371622204": "洋湖乡",
        },
    ),
    AreaFacts(  # 无棣县
        "371623",
        39,
        0.5,
        is_city=False,
        townships={
            "371623001": "棣丰街道",
            "371623002": "海丰街道",
            "371623101": "水湾镇",
            "371623102": "碣石山镇",
            "371623103": "小泊头镇",
            "371623104": "埕口镇",
            "371623106": "车王镇",
            "371623107": "柳堡镇",
            "371623108": "佘家镇",
            "371623109": "信阳镇",
            "371623110": "西小王镇",
        },
    ),
    AreaFacts(  # 博兴县
        "371625",
        49,
        0.6,
        is_city=False,
        townships={
            "371625001": "城东街道",
            "371625002": "锦秋街道",
            "371625003": "博昌街道",
            "371625101": "曹王镇",
            "371625102": "兴福镇",
            "371625103": "陈户镇",
            "371625104": "湖滨镇",
            "371625106": "店子镇",
            "371625107": "吕艺镇",
            "371625108": "纯化镇",
            "371625109": "庞家镇",
            "371625110": "乔庄镇",
        },
    ),
    AreaFacts(  # 邹平市
        "371681",
        77.35,
        0.72,
        is_city=True,
        townships={
            "371681001": "黛溪街道",
            "371681002": "黄山街道",
            "371681003": "高新街道",
            "371681004": "好生街道",
            "371681005": "西董街道",
            "371681101": "长山镇",
            "371681102": "魏桥镇",
            "371681105": "临池镇",
            "371681108": "焦桥镇",
            "371681109": "韩店镇",
            "371681110": "孙镇镇",
            "371681111": "九户镇",
            "371681112": "青阳镇",
            "371681113": "明集镇",
            "371681114": "台子镇",
            "371681115": "码头镇",
        },
    ),
    AreaFacts(  # 经济技术开发区
        "371690",
        20,
        0.85,
        is_city=True,
        townships={
            "371602010": "杜店街道",
            "371602011": "沙河街道",
            "371602012": "里则街道",
        },
    ),
    AreaFacts(  # 高新技术产业开发区
        "371691",
        8,
        0.5,
        is_city=True,
        townships={
            "371602007": "小营街道",
            "371602013": "青田街道",
        },
    ),
    AreaFacts(  # 北海经济开发区
        "371692",
        3,
        0,
        is_city=False,
        townships={
            "371623105": "马山子镇",
        },
    ),
)
