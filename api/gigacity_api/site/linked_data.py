"""What machines read: the DCAT catalogue, and figures as schema.org datasets. Pure."""

from typing import Any

from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.figures import Figure
from gigacity_api.site.snapshot import SiteSnapshot
from gigacity_city.model import Name
from gigacity_contract.local_time import rfc3339

_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_GB_T_2260 = "GB/T 2260"

FILES: tuple[tuple[str, str], ...] = (
    ("csv", "text/csv"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("json", "application/json"),
    ("jsonld", "application/ld+json"),
)
"""Endings and media types of what can be taken along."""


def dcat_catalogue(snapshot: SiteSnapshot) -> dict[str, Any]:
    """The catalogue (DCAT 3): all figures, and each alone. Addresses are relative to it."""
    city = snapshot.city
    shown = [d for d in snapshot.scope.definitions() if snapshot.of_city(d) is not None]
    whole = Name(f"{city.name.zh}:全部公开指标", f"{city.name.en}: all public figures")
    return {
        "@context": _CONTEXT,
        "@id": "catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _both(Name(f"{city.name.zh}数字基础设施数据目录",
                                f"{city.name.en}: digital infrastructure data")),
        "dct:publisher": _publisher(snapshot),
        "dct:modified": _time(snapshot),
        "dcat:dataset": [
            _dataset(snapshot, "scorecard", whole, whole),
            *(_dataset(snapshot, d.id, d.name, d.formula, d) for d in shown),
        ],
    }  # fmt: skip


def figure_dataset(snapshot: SiteSnapshot, definitions: list[Definition]) -> dict[str, Any]:
    """Figures of the city and its areas (schema.org ``Dataset``)."""
    city = snapshot.city
    observed = [
        _observation(snapshot, definition, figure)
        for definition in definitions
        for figure in (snapshot.of_city(definition), *snapshot.areas(definition))
        if figure is not None
    ]
    only = definitions[0] if len(definitions) == 1 else None
    found = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": [_text(city.name.zh, "zh"), _text(city.name.en, "en")]
        if only is None
        else [_text(only.name.zh, "zh"), _text(only.name.en, "en")],
        "creator": {"@type": "Organization", "name": city.name.zh},
        "temporalCoverage": rfc3339(snapshot.publication.as_of_ms),
        "dateModified": rfc3339(snapshot.publication.as_of_ms),
        "spatialCoverage": {"@type": "Place", "name": city.name.zh, "identifier": city.code},
        "version": snapshot.publication.city_version,
        "isAccessibleForFree": True,
        "variableMeasured": observed,
    }
    return found | ({"license": snapshot.scope.licence} if snapshot.scope.licence else {})


def _observation(snapshot: SiteSnapshot, definition: Definition, figure: Figure) -> dict[str, Any]:
    return {
        "@type": "PropertyValue",
        "propertyID": definition.id,
        "name": [_text(definition.name.zh, "zh"), _text(definition.name.en, "en")],
        "value": figure.value,
        "minValue": figure.lower,
        "maxValue": figure.upper,
        "unitText": definition.unit,
        "measurementTechnique": f"../zh/methods#{definition.id}",
        "additionalProperty": [
            {"@type": "PropertyValue", "name": name, "value": value}
            for name, value in (
                ("code", figure.code), ("scope", figure.scope), ("verdict", figure.verdict),
                ("target", figure.target), ("numerator", figure.numerator),
                ("denominator", figure.denominator), ("unknown", figure.unknown),
                ("grade", figure.quality.grade), ("methodVersion", definition.method_version),
                ("revision", snapshot.publication.revision),
            )
        ],
    }  # fmt: skip


def _dataset(
    snapshot: SiteSnapshot,
    name: str,
    title: Name,
    description: Name,
    definition: Definition | None = None,
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@id": f"data/{name}.jsonld",
        "@type": "dcat:Dataset",
        "dct:identifier": name,
        "dct:title": _both(title),
        "dct:description": _both(description),
        "dct:publisher": _publisher(snapshot),
        "dct:modified": _time(snapshot),
        "dct:spatial": {"@type": "dct:Location", "dct:identifier": snapshot.city.code,
                        "dct:conformsTo": _GB_T_2260},
        "dct:accrualPeriodicity": {
            "@id": "http://purl.org/cld/freq/continuous"
        },
        "dcat:version": snapshot.publication.city_version,
        "dcat:landingPage": {
            "@id": "zh/" if definition is None else f"zh/figures/{definition.id}"
        },
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dcat:downloadURL": {"@id": f"data/{name}.{ending}"},
                "dcat:mediaType": media_type,
                **_licence(snapshot),
            }
            for ending, media_type in FILES
        ],
    }  # fmt: skip
    if definition is not None:
        found["dct:conformsTo"] = {"@id": f"zh/methods#{definition.id}"}
    return found | _licence(snapshot)


def _licence(snapshot: SiteSnapshot) -> dict[str, str]:
    return {"dct:license": snapshot.scope.licence} if snapshot.scope.licence else {}


def _publisher(snapshot: SiteSnapshot) -> dict[str, Any]:
    return {"@type": "foaf:Organization", "foaf:name": _both(snapshot.city.name)}


def _time(snapshot: SiteSnapshot) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": rfc3339(snapshot.publication.as_of_ms)}


def _both(name: Name) -> list[dict[str, str]]:
    return [_text(name.zh, "zh"), _text(name.en, "en")]


def _text(text: str, language: str) -> dict[str, str]:
    return {"@language": language, "@value": text}
