"""Pictures of the documentation, drawn by the code that draws the pages."""

import re

from gigacity_api.site.rendering import ASSETS
from gigacity_api.site.tile_map import Tile, tile_map
from gigacity_api.site.words import VERDICTS
from gigacity_city.model import Area, Name

_RULES = re.compile(
    r"^(?:svg text|\.(?:ground|strokes|ground-paper|frame|plate)\b)[^\n]*\}$", re.MULTILINE
)
_NAMES = (
    "无棣县",
    "北海",
    "阳信县",
    "沾化区",
    "惠民县",
    "经开区",
    "滨城区",
    "邹平市",
    "高新区",
    "博兴县",
)
_PLACES = ((1, 0), (2, 0), (1, 1), (2, 1), (0, 2), (1, 2), (2, 2), (0, 3), (1, 3), (2, 3))
_SHOWN = (
    ("met", "100.00%"), ("no_target", "–"), ("met", "100.00%"), ("missed", "94.54%"),
    ("met", "100.00%"), ("missed", "91.68%"), ("undetermined", "0–100%"), ("missed", "90.49%"),
    ("met", "100.00%"), ("missed", "96.18%"),
)  # fmt: skip


def tiles_picture() -> str:
    """A map of tiles with every verdict; its figures are made up."""
    tiles = [
        Tile(Area(name, Name(name, name), "county", tile=place), name, verdict,
             VERDICTS[verdict][0], VERDICTS[verdict][1].en, value, "")
        for name, place, (verdict, value) in zip(_NAMES, _PLACES, _SHOWN, strict=True)
    ]  # fmt: skip
    drawn = str(tile_map(tiles, title="the areas of a city, each with its verdict"))
    sheet = ASSETS["page.css"].body.decode()
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", sheet.split("@media")[0]))
    style = "\n".join(_RULES.findall(sheet.split("/* Tables. */")[0]))
    style = re.sub(r"var\(--([\w-]+)\)", lambda found: colours[found[1]], style)
    head, rest = drawn.split(">", 1)
    head = head.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return f"{head}>\n<style>\n{style}\nsvg text {{ font-family: sans-serif; }}\n</style>\n{rest}\n"
