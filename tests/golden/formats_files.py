"""Golden messages of foreign formats, as they stand in ``formats/<format>/``.

``<case>.json`` (or ``.lp``, ``.txt``, or ``.hex``: bytes, with ``#`` comments) is a payload as it
stands on the wire; ``<case>.expect.json`` says its topic, what came before it, and the outcome.
"""

from pathlib import Path
from typing import Any

import msgspec

FOLDER = Path(__file__).parent / "formats"
CASES = sorted(path for path in FOLDER.glob("*/*.expect.json"))


def case_payload(case: Path) -> bytes:
    """The bytes of a case."""
    name = case.name.removesuffix(".expect.json")
    hexadecimal = case.with_name(f"{name}.hex")
    if hexadecimal.exists():
        lines = hexadecimal.read_text(encoding="utf-8").splitlines()
        return bytes.fromhex("".join(line.partition("#")[0] for line in lines))
    for suffix in ("lp", "txt"):
        other = case.with_name(f"{name}.{suffix}")
        if other.exists():
            return other.read_bytes()
    return case.with_name(f"{name}.json").read_bytes()


def expectation_of(case: Path) -> dict[str, Any]:
    """What its file says."""
    expectation = msgspec.json.decode(case.read_bytes())
    assert isinstance(expectation, dict)
    return expectation
