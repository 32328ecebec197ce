"""What pages answer."""

import pytest

from tests.unit.api.conftest import Running

PATHS = (
    "", "figures/home.gigabit_access", "figures/pon.ports_10g", "areas/371602",
    "communities/371602001001", "methods", "data", "report/2027-01",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_there(opened: Running, language: str, path: str) -> None:
    answer = opened.ask("GET", f"/{language}/{path}")
    assert answer.status_code == 200, answer.text
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in answer.text
