"""Text that is nearly JSON: what is mended, what stays, and that strings are never touched."""

import json
import time

import pytest

from gigacity_contract.decoding.mending import mended, without_padding
from gigacity_contract.sentinels import NO_VALUE


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+5", 5),
        ("+5.25", 5.25),
        (".5", 0.5),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("-5.e1", -50.0),
        ("007", 7),
        ("-007.50", -7.5),
        ("000", 0),
        ("0x1F", 31),
        ("0XFFFFFFFFFFFFFFFF", 2**64 - 1),
        ("1e-400", 0.0),
        ("1E5", 1e5),
        ("nan", NO_VALUE),
        ("-NAN", NO_VALUE),
        ("nan(0x8000000000000)", NO_VALUE),
        ("-1.#IND", NO_VALUE),
        ("1.#INF00", NO_VALUE),
        ("+inf", NO_VALUE),
        ("-Infinity", NO_VALUE),
        ("1e999", NO_VALUE),
        ("-1e999", NO_VALUE),
        ("9" * 400, NO_VALUE),
        ("True", True),
        ("FALSE", False),
        ("None", None),
        ("nil", None),
        ("undefined", None),
    ],
)
def test_a_number_or_word_of_another_language_is_mended(text: str, value: object) -> None:
    for before, after in (("", ""), (" ", "\n"), ("\t", " ")):
        payload = f'{{"a":{before}{text}{after},"b":[1,{text}],"c":-0.5e1}}'

        assert json.loads(mended(payload.encode())) == {"a": value, "b": [1, value], "c": -5.0}


@pytest.mark.parametrize(
    "text",
    ["--5", "+-5", "5-", "1.2.3", "1,5,", "e5", ".", "+", "-", ".e0", "0x", "0xG", "-0x1", "up",
     "N/A", "0b1", "1_000", "nan1", "infinite", "\uff11"],
)  # fmt: skip
def test_what_could_mean_anything_is_left(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        json.loads(mended(f'{{"a":{text}}}'.encode()))


def test_strings_are_never_touched() -> None:
    strings = [
        "nan",
        " nan ",
        ": nan,",
        "[+5, .5, ]",
        ",]",
        "\\",
        '"',
        '\\" , nan ,',
        "\n,}",
        "007",
    ]
    for string in strings:
        payload = json.dumps({string: string, "x": 77777}).replace("77777", "nan,")

        assert json.loads(mended(payload.encode())) == {string: string, "x": NO_VALUE}


@pytest.mark.parametrize("text", [b'{"a":nan,"b', b'{"a":nan,"b\\"}', b'"', b'nan"', b'\\"', b""])
def test_a_string_that_does_not_end_is_left(text: bytes) -> None:
    assert mended(text) == text


def test_json_stays_as_it_is() -> None:
    text = json.dumps({"a": [1, -2.5e-7, True, None, {"b": "c, ]"}], "0": 0}).encode()

    assert mended(text) == text
    assert without_padding(text) == text


@pytest.mark.parametrize(
    "unit",
    [b"nan,", b"0", b"1e", b",", b'"', b'\\"', b"-nan(", b" ", b"+.", b"\xff", b"0x", b'{"a":0'],
)
def test_the_cost_grows_with_the_length_only(unit: bytes) -> None:
    text = unit * (1_000_000 // len(unit))
    started_s = time.process_time()
    mended(without_padding(text))

    assert time.process_time() - started_s < 4.0
