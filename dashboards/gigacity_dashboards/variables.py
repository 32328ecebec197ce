"""Variables of boards: what can be chosen at the top, and what a link hands over."""

from gigacity_city.model import Name
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.measurements import EVALUATOR, INDICATOR, PON_PORT, Measurement
from gigacity_dashboards import influxql, sdk, texts, texts_maps
from gigacity_dashboards.addresses import PAGE_VARIABLE
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.dataquery import data_source
from gigacity_dashboards.house import BoardWords

AREA, OLT, SLOT, PORT = "area", "olt", "slot", "port"
COMMUNITY, KIND = "community", "kind"

_LOOK_BACK = "time > now() - 30m"
"""Figures of places below the areas are written at least every quarter of an hour."""

Variable = sdk.Builder[sdk.models.VariableModel]


def area(city: CityNames, words: BoardWords) -> Variable:
    """The areas of the city file; not asked of the database, which would know only the heard."""
    choices = [(words(name), code) for code, name in city.areas]
    return _choice(AREA, texts.AREA, choices, words).multi(True).include_all(True).all_value(".*")


def kind(words: BoardWords) -> Variable:
    """The kinds of devices."""
    choices = [(words(Name(kind.zh, kind.en)), kind.name) for kind in CATALOGUE.values()]
    return _choice(KIND, texts.KIND, choices, words, all_of_them=False)


def _choice(
    name: str,
    label: Name,
    choices: list[tuple[str, str]],
    words: BoardWords,
    *,
    all_of_them: bool = True,
) -> sdk.dashboard.CustomVariable:
    escaped_comma = r"\,"
    first = (
        sdk.models.VariableOption(selected=True, text="All", value="$__all")
        if all_of_them
        else sdk.models.VariableOption(selected=True, text=choices[0][0], value=choices[0][1])
    )
    options = [
        sdk.models.VariableOption(selected=False, text=text, value=code)
        for text, code in (choices if all_of_them else choices[1:])
    ]
    return (
        sdk.dashboard.CustomVariable(name)
        .label(words(label))
        .values(", ".join(f"{text.replace(',', escaped_comma)} : {code}" for text, code in choices))
        .options([first, *options])
        .current(first)
    )


def place(name: str, label: Name, indicator: str, words: BoardWords) -> Variable:
    """The places of a level at which an indicator is published: asked of the figures.

    ``SHOW TAG VALUES`` would be shorter, but 2.x answers it from the default policy alone. A query
    needs a field, and Grafana offers every text of the answer: the verdicts are left out again.
    """
    conditions = [
        influxql.equals(INDICATOR, "indicator", indicator),
        influxql.equals(INDICATOR, "scope", name),
    ]
    query = _codes(INDICATOR, conditions)
    return (
        sdk.dashboard.QueryVariable(name)
        .label(words(label))
        .datasource(data_source())
        .query({"query": query, "refId": name})
        .regex(f"/^(?!(?:{'|'.join(texts.VERDICT_OF)})$).+/")
        .refresh(sdk.models.VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(sdk.models.VariableSort.ALPHABETICAL_ASC)
    )


def page(words: BoardWords) -> Variable:
    """Where the public pages are, for links; hidden, and not to be set by whoever makes a link."""
    source = f'"{EVALUATOR.policy.name}"."{EVALUATOR.name}"'
    query = f'SELECT last("page_url") AS "page_url" FROM {source} WHERE {_LOOK_BACK}'  # noqa: S608 - as below
    variable = (
        sdk.dashboard.QueryVariable(PAGE_VARIABLE)
        .label(words(texts_maps.PAGE))
        .datasource(data_source())
        .query({"query": query, "refId": PAGE_VARIABLE})
        .refresh(sdk.models.VariableRefresh.ON_DASHBOARD_LOAD)
        .hide(sdk.models.VariableHide.HIDE_VARIABLE)
    )
    variable.build().skip_url_sync = True
    return variable


def of_port(name: str, label: Name, words: BoardWords) -> Variable:
    """Slots or ports of the chosen OLT: those that reported."""
    condition = influxql.matches_variable(PON_PORT, "olt", OLT)
    source = f'"{PON_PORT.policy.name}"."{PON_PORT.name}"'
    where = f"{condition} AND {_LOOK_BACK} AND time <= now()"
    query = f'SELECT "{name}", "oper" FROM {source} WHERE {where}'  # noqa: S608 - as below
    return (
        sdk.dashboard.QueryVariable(name)
        .label(words(label))
        .datasource(data_source())
        .query({"query": query, "refId": name})
        .regex("/^(?!(?:up|down)$).+/")
        .refresh(sdk.models.VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(sdk.models.VariableSort.NUMERICAL_ASC)
        .include_all(True)
        .all_value(".*")
    )


def _codes(measurement: Measurement, conditions: list[str]) -> str:
    source = f'"{measurement.policy.name}"."{measurement.name}"'
    where = " AND ".join([*conditions, _LOOK_BACK, "time <= now()"])
    return f'SELECT "code", "verdict" FROM {source} WHERE {where}'  # noqa: S608 - names are those of the storage table
