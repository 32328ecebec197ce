"""A small city, written by hand, for tests that need one.

Two districts and a zone, three communities, six buildings, three OLTs with eight ports each, two
gateways, 60 devices of which four connect by themselves.
"""

from pathlib import Path

from gigacity_city.model import City, PortKey
from gigacity_simulators.publisher_directory import PublisherDirectory

AREA_A = "371602"
AREA_B = "371621"
ZONE = "371690"
RETIRED_A = "372301"
COMMUNITY_A = "371602001001"
COMMUNITY_B = "371621101001"
COMMUNITY_ZONE = "371602010001"

_SOURCE = "source: {text: made up for tests, date: 2025-01-01, confirmed: true}"

CITY_YAML = f"""\
code: "371600"
name: {{zh: 滨州市, en: Binzhou}}
profile: test
is_synthetic: true
areas:
  - {{code: "{AREA_A}", name: {{zh: 滨城区, en: Bincheng}}, kind: district,
     retired: ["{RETIRED_A}"]}}
  - {{code: "{AREA_B}", name: {{zh: 惠民县, en: Huimin}}, kind: county}}
  - {{code: "{ZONE}", name: {{zh: 开发区, en: Zone}}, kind: development_zone, is_local: true}}
targets:
  - {{indicator: pon.ports_10g, value: 15, direction: at_least, due: 2025-12-31,
     {_SOURCE}}}
  - {{indicator: pon.port_share_10g, value: 0.25, direction: at_least, {_SOURCE}}}
  - {{indicator: home.gigabit_access, value: 1, direction: at_least, {_SOURCE}}}
  - {{indicator: community.smart_coverage, value: 0.9, direction: at_least, {_SOURCE}}}
  - {{indicator: device.online, value: 0.95, direction: at_least, {_SOURCE}}}
  - {{indicator: pon.ports_10g, scope: area, code: "{AREA_B}", value: 4, direction: at_least,
     {_SOURCE}}}
parameters:
  - {{name: households_per_10g_port, value: 40, {_SOURCE}}}
urban:
  everywhere: [111, 112]
  county_seat: [121, 122]
  county_seat_streets: ["371621001"]
  {_SOURCE}
smart_community:
  items:
    - {{id: gigabit_homes, name: {{zh: 有线宽带网络, en: gigabit homes}}, threshold: 0.7,
       basis: measured, required: true, {_SOURCE}}}
    - {{id: mobile_5g_area, name: {{zh: 移动通信网络, en: 5G area}}, threshold: 0.8,
       basis: reported, required: true, {_SOURCE}}}
    - {{id: tv_households, name: {{zh: 广播电视, en: TV households}}, threshold: 0.7,
       basis: reported, required: true, {_SOURCE}}}
    - {{id: camera_coverage, name: {{zh: 视频监控覆盖率, en: camera coverage}}, threshold: 0.9,
       basis: reported, required: true, {_SOURCE}}}
    - {{id: camera_online, name: {{zh: 视频监控联网率, en: cameras online}}, threshold: 0.9,
       basis: measured, required: true, {_SOURCE}}}
    - {{id: camera_intact, name: {{zh: 摄像机完好率, en: cameras intact}}, threshold: 0.9,
       basis: measured, required: true, {_SOURCE}}}
    - {{id: camera_picture, name: {{zh: 视频资源出图率, en: cameras with picture}}, threshold: 0.8,
       basis: measured, required: true, {_SOURCE}}}
  not_assessed:
    - {{zh: 门禁, en: access control}}
cadence: {{pon_s: 60, device_s: {{camera: 60}}, window_intervals: 3}}
"""

TABLES = {
    "communities.csv": f"""\
code,name,area,urban_class,surface_m2,area_5g_m2,tv_households,key_positions
{COMMUNITY_A},市中街道示例社区01,{AREA_A},111,200000,190000,150,10
{COMMUNITY_B},石庙镇示例村01,{AREA_B},220,500000,,60,
{COMMUNITY_ZONE},杜店街道示例社区01,{ZONE},112,300000,150000,,20
""",
    "buildings.csv": f"""\
id,community,households
{COMMUNITY_A}-1,{COMMUNITY_A},96
{COMMUNITY_A}-2,{COMMUNITY_A},64
{COMMUNITY_A}-3,{COMMUNITY_A},40
{COMMUNITY_B}-1,{COMMUNITY_B},32
{COMMUNITY_B}-2,{COMMUNITY_B},48
{COMMUNITY_ZONE}-1,{COMMUNITY_ZONE},120
""",
    "olts.csv": f"""\
id,area
olt-a,{AREA_A}
olt-b,{AREA_B}
olt-z,{ZONE}
""",
    "ports.csv": """\
olt,slot,port,tech
olt-a,1,0..3,xgs-pon
olt-a,1,4..5,gpon+xgs-pon
olt-a,2,0..1,gpon
olt-b,1,0..3,10g-epon
olt-b,1,4..7,epon
olt-z,1,0..6,xg-pon
olt-z,1,7,50g-pon
""",
    "coverage.csv": f"""\
olt,slot,port,buildings
olt-a,1,0,{COMMUNITY_A}-1
olt-a,1,1,{COMMUNITY_A}-1
olt-a,1,4,{COMMUNITY_A}-{{1..2}}
olt-a,2,0,{COMMUNITY_A}-3
olt-b,1,0,{COMMUNITY_B}-1
olt-b,1,4..5,{COMMUNITY_B}-{{1..2}}
olt-z,1,0,{COMMUNITY_ZONE}-1 {COMMUNITY_A}-3
""",
    "gateways.csv": f"""\
id,area
gw-a,{AREA_A}
gw-z,{ZONE}
""",
    "devices.csv": f"""\
community,kind,device,gateway
{COMMUNITY_A},camera,camera-{{1..10}},gw-a
{COMMUNITY_A},smoke_detector,smoke-{{1..12}},gw-a
{COMMUNITY_A},electricity_meter,emeter-{{1..8}},gw-a
{COMMUNITY_A},elevator,elevator-1,
{COMMUNITY_A},smoke_detector,hands-on,
{COMMUNITY_B},street_light,lamp-{{1..2}},
{COMMUNITY_ZONE},camera,camera-{{1..18}},gw-z
{COMMUNITY_ZONE},water_meter,wmeter-{{1..8}},gw-z
""",
}


def write_city(folder: Path, **changes: str) -> Path:
    """Write the test city into the folder (made if need be) and return it.

    ``changes`` replace the text of a file: ``city=...`` for city.yaml, else the table's name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"city.yaml": CITY_YAML} | TABLES
    for name, text in changes.items():
        texts["city.yaml" if name == "city" else f"{name}.csv"] = text
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def edit(folder: Path, file: str, old: str, new: str) -> None:
    """Replace the first occurrence of a text in one file of a city folder."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def port_index(city: City, olt: str, slot: int, port: int) -> int:
    """Where a port stands in ``city.ports``."""
    return [found.key for found in city.ports].index(PortKey(olt, slot, port))


def device_name(directory: PublisherDirectory, device: int) -> tuple[str, str]:
    """(community, device id) of a simulated device."""
    group = directory.groups[directory.group_of[device]]
    return group.community, group.device_id(device)
