"""Published national and city figures, reproduced where their inputs are given.

Each case names its source. Where two published figures contradict each other the test shows by how
much, so that nobody takes the one for a check of the other.
"""

import pytest

from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.evaluation import Evaluator
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.row_loader import PortRow, load_ports
from gigacity_api.indicators.verdicts import ratio
from gigacity_city.model import Building, Community, Parameter, PortKey, RegisteredPort
from tests.unit.api.worlds import AREAS, SOURCE, T, build_city

FSBINT = "http://cn.fsbint.com/keji/50095.html"
SHANXI = "http://zhinengpai.8966911.cn/news/2023/0328/49550.html"
END_2023 = "http://baogaoku.com/guandian/qthy/4501689.html"
NOV_2021 = "http://www.7gvk17.cn/shandong/shandonggedi/20211228/5030561.shtml"
END_2021 = "http://www.cqxianglaokan.com/book-read/47548735/19"
NTV = "https://news.ntv.cn/content/0/915/99915578.html"
SHANDONG = "http://www.selectshandong.com/home/article_jp/index/id/21659/cid/723.html"
BINZHOU = "http://bridata.com/policy/detail?id=16067"
OCT_2022 = "http://keji100.com.cn/news/202212/7283.html"
C114 = "https://www.c114.com.cn/ftth/5472/a1216792.html"
END_2025 = "https://www.itbear.com.cn/html/2026-01/1114234.html"

WAN = 10_000
YI = 100_000_000


@pytest.mark.parametrize(
    ("households", "ports", "each", "source"),
    [
        (2 * YI, 5.00e6, 40.0, FSBINT),
        (4 * YI, 10.00e6, 40.0, FSBINT),
        (12.0e6, 300e3, 40.0, SHANXI),
        (2.6 * YI, 7.207e6, 36.1, NOV_2021),
        (3 * YI, 7.86e6, 38.2, END_2021),
        (5 * YI, 15.225e6, 32.8, NTV),
        (5 * YI, 23.02e6, 21.7, END_2023),
    ],
    ids=lambda value: str(value)[-24:],
)
def test_households_per_port_that_published_pairs_imply(
    households: float, ports: float, each: float, source: str
) -> None:
    """Plans reckon with 40; what was reached is 33 to 38, and less once households run out."""
    factor = float(ratio(households, ports))
    assert each == pytest.approx(factor, abs=0.05), source
    # With its own factor a pair covers its households exactly: 100 %, which is where 40 comes from.
    assert float(ratio(ports * factor, households)) == pytest.approx(1.0)


def city_figures(ports: int, households: int, in_service: int | None = None) -> dict[str, Figure]:
    """The evaluator's own figures of a city of so many 10G ports and households."""
    community = Community(f"{AREAS[0]}000001", "社区", AREAS[0], 111, 1)
    keys = [PortKey(f"olt-{AREAS[0]}", n // 256, n % 256) for n in range(ports)]
    city = build_city(
        [community], [Building("b", community.code, households)],
        [RegisteredPort(key, "xgs-pon") for key in keys], [(0, 0)], [0],
        parameters=(Parameter("households_per_10g_port", 40, SOURCE),),
    )  # fmt: skip
    inventory = Inventory(city)
    state = CityState.empty(inventory)
    heard = keys if in_service is None else keys[:in_service]
    rows = [
        PortRow(T - 1, k.olt, str(k.slot), str(k.port), "xgs-pon", AREAS[0], "up", "up")
        for k in heard
    ]
    down = [
        PortRow(T - 1, k.olt, str(k.slot), str(k.port), "xgs-pon", AREAS[0], "up", "down")
        for k in keys[len(heard) :]
    ]
    load_ports(state, inventory, rows + down, T)
    found = Evaluator(inventory).evaluate(state, T)
    return {f.indicator: f for f in found.figures if f.scope == "city"}


def test_binzhous_229_percent_is_a_capacity_over_few_households() -> None:
    """229.34 % (October 2022, BINZHOU) takes 26,200 ports over the two districts' households.

    118.86 of 392.86 ten thousand people live there, 2.6 to a household; over all urban households
    the same figure would take 52,000 ports, more than the 40,000 that the plan wants by 2025. So
    the published denominator is probably not "all urban households"; nothing read says so.
    """
    districts, urban = round(118.86 * WAN / 2.6), round(236.67 * WAN / 2.6)
    assert (round(districts, -3), round(urban, -4)) == (457_000, 910_000)

    found = city_figures(26_210, districts)
    capacity = found["home.gigabit_capacity"]
    assert capacity.value == pytest.approx(2.2934, abs=0.0005), BINZHOU
    # The same ports pass one building, whose homes count once: a share never exceeds 100 %.
    assert found["home.gigabit_access"].value == 1.0

    needed = 2.2934 * urban / 40
    assert needed == pytest.approx(52_000, rel=0.005)
    assert needed > 40_000


def test_the_share_of_10g_ports_is_one_of_pon_ports_not_of_user_ports() -> None:
    """October 2022: 32.1 % and 13.27 million 10G ports (C114) leave 41.3 million PON ports.

    Over the 1.013 billion FTTH ports of the same page it would be 1.3 %: another denominator.
    """
    assert float(ratio(13.27e6, 41.3e6)) == pytest.approx(0.321, abs=0.0005)
    assert float(ratio(13.27e6, 10.13 * YI)) == pytest.approx(0.013, abs=0.0005), C114
    found = city_figures(1000, 500, in_service=321)
    assert found["pon.port_share_10g"].value == 0.321
    assert found["pon.ports_10g"].value == 321


def test_binzhous_stations_per_ten_thousand_contradict_its_own_count() -> None:
    """One sentence (BINZHOU) has 9,657 stations and 15.9 per 10,000; 392.86 ten thousand people."""
    people = 392.86 * WAN
    assert 9_657 / people * WAN == pytest.approx(24.6, abs=0.05), BINZHOU
    assert 15.9 * people / WAN == pytest.approx(6_250, abs=5)
    assert 9_657 / people * WAN > 1.5 * 15.9


@pytest.mark.parametrize(
    ("first", "second", "mean", "published"),
    [(52.9, 40.8, 44.0, 46.7), (25.8, 19.1, 20.9, 22.2), (34.5, 30.9, 31.8, 32.6)],
    ids=["10G-PON ports, %", "5G stations per 10,000", "500 Mbit/s users, %"],
)
def test_the_ministrys_average_is_no_mean_over_cities(
    first: float, second: float, mean: float, published: float
) -> None:
    """29 cities of the first batch and 81 of the second (OCT_2022) average to something lower.

    So the published number is a ratio of sums (or weighted otherwise): sum numerators and
    denominators, never average ratios, and keep the method with the figure.
    """
    over_cities = float(ratio(first * 29 + second * 81, 29 + 81))
    assert mean == pytest.approx(over_cities, abs=0.06)
    assert published - over_cities > 0.6, OCT_2022
    # Some share of the whole's denominator in the first batch explains it; it is above its share
    # of cities, as larger cities came first.
    share = (published - second) / (first - second)
    assert 29 / 110 < share < 1
    assert float(ratio(first * share + second * (1 - share), 1)) == pytest.approx(published)


def test_shandongs_ports_by_population_fit_a_city_of_binzhous_size() -> None:
    """999,000 10G ports at the end of 2022 (SHANDONG), 101.63 million people: 9.83 per 1,000."""
    density = 999_000 / 101.63e6 * 1_000
    assert density == pytest.approx(9.83, abs=0.005), SHANDONG
    assert density * 3.93e6 / 1_000 == pytest.approx(38_600, abs=50)


def test_gigabit_users_at_the_end_of_2025_fit_their_share() -> None:
    """2.38 of 6.91 hundred million (END_2025), printed as 34.5 %: within the rounding of both."""
    least, most = ratio([2.375, 2.385], [6.915, 6.905]).tolist()
    assert least <= 0.3449 <= most, END_2025
    assert float(ratio(2.38, 6.91)) == pytest.approx(0.344, abs=0.0005)


def test_households_summed_by_operator_exceed_the_households() -> None:
    """Three operators' ports pass the same 100 homes: 300 % by sum, 100 % by the home."""
    assert float(ratio(300, 100)) == 3.0
    community = Community(f"{AREAS[0]}000001", "社区", AREAS[0], 111, 1)
    keys = [PortKey(f"olt-{AREAS[0]}", 1, n) for n in range(3)]
    city = build_city(
        [community], [Building("b", community.code, 100)],
        [RegisteredPort(key, "xgs-pon") for key in keys], [(0, n) for n in range(3)], [0],
    )  # fmt: skip
    inventory = Inventory(city)
    state = CityState.empty(inventory)
    rows = [PortRow(T - 1, k.olt, "1", str(k.port), "xgs-pon", AREAS[0], "up", "up") for k in keys]
    load_ports(state, inventory, rows, T)
    homes = Evaluator(inventory).evaluate(state, T).by_key["home.gigabit_access", "city", "371600"]
    assert (homes.numerator, homes.denominator, homes.value) == (100, 100, 1.0)
