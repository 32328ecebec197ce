"""Words of the maps of areas."""

from gigacity_city.model import Name

TILES = Name("各县（市、区）", "by area")
TILES_ABOUT = Name(
    "每格代表一个县（市、区），大致按方位排列，不表示边界。颜色与文字为最近一次评估的判定。"
    "点击进入该区县的PON网络看板。",
    "A tile stands for an area, in rough compass position; it shows no boundary. Colour and word"
    " are the verdict of the latest evaluation. A click opens the area's PON network.",
)
MAP = Name("地图", "Map")
MAP_ABOUT = Name(
    "边界来自本市提供的经审核地图，颜色为判定，取自打开看板之时；要看此后的判定，请重新打开。"
    "地图由浏览器从 GIGACITY_PAGE_URL 读取；各区县指标须公开。没有图形：接口无法访问。",
    "Boundaries are those of the reviewed map that the city supplies. Colours are the verdicts at"
    " the time when the board was opened: open it again for later ones. The browser reads the map"
    " from GIGACITY_PAGE_URL, where figures of areas must be public. Nothing drawn: the API cannot"
    " be reached.",
)
NUMBER = Name("审图号 {number}", "map review {number}")
REVIEWED = Name("审图号：{number}，来源：{source}", "map review {number}, source: {source}")
EVIDENCE = Name("这一数字的依据", "The evidence of this figure")
PAGE = Name("页面", "Page")
PAGE_OF_AREA = Name("该区县的页面", "The area's page")
