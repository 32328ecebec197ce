"""Documents that are generated from the code; ``python -m tests.docs`` writes them."""

import json
from pathlib import Path

from gigacity_api.http.app import bare_app
from tests.docs.indicators import indicators_page
from tests.docs.reference_pages import fill_payload_page, storage_page
from tests.docs.schemas import schemas

DOCS = Path(__file__).parents[2] / "docs"


def generated(docs: Path = DOCS) -> dict[str, str]:
    """Every generated file by its path below ``docs``; of the payload page the tables are."""
    payloads = (docs / "payloads.md").read_text(encoding="utf-8")
    return {
        "indicators.md": indicators_page(),
        "openapi.json": openapi_text(),
        "payloads.md": fill_payload_page(payloads),
        "storage.md": storage_page(),
    } | {f"schema/{name}.json": _indented(schema) for name, schema in schemas().items()}


def openapi_text() -> str:
    """The API as OpenAPI describes it."""
    document = bare_app().openapi()
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _indented(schema: object) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def stale(docs: Path = DOCS) -> list[str]:
    """Files that are not what the code gives, and schemas of what there is no more."""
    texts = generated(docs)
    there = {f"schema/{path.name}" for path in (docs / "schema").glob("*.json")}
    return [name for name in sorted({*texts, *there}) if _read(docs / name) != texts.get(name)]


def write(docs: Path = DOCS) -> list[str]:
    """Bring them up to date; which files changed."""
    texts, changed = generated(docs), stale(docs)
    for name in changed:
        if name in texts:
            (docs / name).parent.mkdir(exist_ok=True)
            (docs / name).write_text(texts[name], encoding="utf-8")
        else:
            (docs / name).unlink()
    return changed


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
