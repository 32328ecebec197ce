"""The indicators page and the OpenAPI document are complete."""

import json
from typing import Any

import pytest
from pydantic import BaseModel

from gigacity_api.http.app import bare_app
from gigacity_api.http.schemas.alarms import (
    AlarmActIn,
    AlarmCommentIn,
    AlarmShelveIn,
    MaintenanceIn,
)
from gigacity_api.http.schemas.common import ResponseBody
from gigacity_api.http.schemas.reports import ReportIn, WithdrawalIn
from gigacity_api.indicators.registry import REASONS, REGISTRY
from tests.docs import openapi_text
from tests.docs.indicators import indicators_page

DOCUMENT = json.loads(openapi_text())


def test_the_page_names_every_indicator_and_reason() -> None:
    page = indicators_page()
    for name in (*REGISTRY, *REASONS):
        assert f"`{name}`" in page


def _operations() -> list[tuple[str, dict[str, Any]]]:
    paths = DOCUMENT["paths"]
    return [
        (path, operation)
        for path, methods in paths.items()
        for operation in methods.values()
        if path.startswith("/api/v1")
    ]


@pytest.mark.parametrize(("path", "operation"), _operations())
def test_every_route_shows_its_answers_and_an_example_of_each_error(
    path: str, operation: dict[str, Any]
) -> None:
    responses = operation["responses"]
    assert {"401", "403", "422", "503"} <= set(responses), path
    assert {"200", "201"} & set(responses), path
    assert operation["security"], path
    for status, response in responses.items():
        if status == "304":
            assert "content" not in response
        elif status not in {"200", "201"}:
            content = response["content"]["application/problem+json"]
            assert content["example"]["status"] == int(status)
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = bare_app().openapi()
    assert document["openapi"].startswith("3.1")
    text = json.dumps(document)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(document["components"]["schemas"])


@pytest.mark.parametrize(("path", "operation"), _operations())
def test_every_route_shows_an_example_of_its_answer(path: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    contents = (responses.get("200") or responses["201"])["content"]
    for media_type, content in contents.items():
        if media_type == "application/json":
            name = content["schema"]["$ref"].rsplit("/", 1)[1]
            assert DOCUMENT["components"]["schemas"][name]["examples"], path
        elif media_type.startswith("text/"):
            assert content["example"], path


@pytest.mark.parametrize(("path", "operation"), _operations())
def test_every_body_is_described_and_shows_an_example(path: str, operation: dict[str, Any]) -> None:
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        name = content["schema"]["$ref"].rsplit("/", 1)[1]
        schema = DOCUMENT["components"]["schemas"][name]
        if media_type == "application/json":
            bodies: tuple[type[BaseModel], ...] = (
                ReportIn, WithdrawalIn, AlarmActIn, AlarmCommentIn, AlarmShelveIn, MaintenanceIn,
            )  # fmt: skip
            body = {model.__name__: model for model in bodies}[name]
            assert body.model_validate(schema["examples"][0]), path
        else:
            assert schema["properties"]["file"]["description"], path


def _answers(model: type[ResponseBody]) -> list[type[ResponseBody]]:
    return [found for child in model.__subclasses__() for found in (child, *_answers(child))]


@pytest.mark.parametrize("model", sorted(set(_answers(ResponseBody)), key=str))
def test_every_example_is_an_answer_of_its_schema(model: type[ResponseBody]) -> None:
    example = model.whole_example()
    assert model.model_validate(example, strict=True).model_dump(mode="json") == example
