"""Files that are generated from the code and committed; ``python -m tests.docs`` writes them."""

import json
from pathlib import Path

from gigacity_api.http.app import bare_app
from tests.docs.alarm_types import alarm_types_page
from tests.docs.asyncapi import asyncapi_text
from tests.docs.compose_files import broker_files, machine_files
from tests.docs.indicators import indicators_page
from tests.docs.pictures import tiles_picture
from tests.docs.reference_pages import metrics_page, payload_page, problems_page, storage_page
from tests.docs.schemas import schemas
from tests.docs.settings_page import settings_page

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs/schema", "deploy/compose/mosquitto")
"""Hold nothing else."""


def generated() -> dict[str, str]:
    """Every generated file by its path below the root."""
    texts = {
        "docs/alarm-types.md": alarm_types_page(),
        "docs/asyncapi.yaml": asyncapi_text(),
        "docs/indicators.md": indicators_page(),
        "docs/openapi.json": openapi_text(),
        "docs/pictures/tiles.svg": tiles_picture(),
        "docs/metrics.md": metrics_page(),
        "docs/problems.md": problems_page(),
        "docs/payloads.md": payload_page(),
        "docs/settings.md": settings_page(),
        "docs/storage.md": storage_page(),
    }
    texts |= {f"docs/schema/{name}.json": _indented(made) for name, made in schemas().items()}
    texts |= {f"deploy/compose/{name}": text for name, text in machine_files().items()}
    return texts | {f"deploy/compose/mosquitto/{n}": text for n, text in broker_files().items()}


def openapi_text() -> str:
    """The API as OpenAPI describes it."""
    document = bare_app().openapi()
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _indented(schema: object) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def stale(root: Path = ROOT) -> list[str]:
    """Files that are not what the code gives, and those of which nothing is left in the code."""
    texts = generated()
    there = {f"{folder}/{path.name}" for folder in FOLDERS for path in (root / folder).glob("*")}
    return [name for name in sorted({*texts, *there}) if _read(root / name) != texts.get(name)]


def write(root: Path = ROOT) -> list[str]:
    """Bring them up to date; which files changed."""
    texts, changed = generated(), stale(root)
    for name in changed:
        if name in texts:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(texts[name], encoding="utf-8")
        else:
            (root / name).unlink()
    return changed


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
