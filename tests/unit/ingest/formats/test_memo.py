"""What was made of a text before is not made again, within bounds."""

import pytest

from gigacity_ingest.formats.memo import MAX_CHARACTERS, Memo


def test_a_text_is_made_once() -> None:
    made: list[str] = []
    memo: Memo[str] = Memo(lambda text: made.append(text) or text.upper(), 10)  # type: ignore[func-returns-value]

    assert [memo["a"], memo["a"], memo["b"]] == ["A", "A", "B"]
    assert made == ["a", "b"]


def test_invented_texts_cost_no_memory() -> None:
    memo: Memo[str] = Memo(str.upper, 10)
    for number in range(1000):
        assert memo[str(number)] == str(number)
    memo["x" * (MAX_CHARACTERS + 1)]

    assert len(memo) <= 10
    assert all(len(text) <= MAX_CHARACTERS for text in memo)


def test_what_cannot_be_made_is_raised_each_time() -> None:
    memo: Memo[int] = Memo(int, 10)
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            memo["x"]

    assert not memo
