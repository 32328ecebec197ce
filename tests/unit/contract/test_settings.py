"""Settings: secrets that never show, addresses that carry none."""

from pathlib import Path

import pytest

from gigacity_contract.access import Address, Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.process.settings import (
    field_password,
    parse_listen,
    parse_url,
    read_secret,
    refuse_renamed,
)

WORD = "correct-horse-battery"


def test_a_secret_shows_itself_only_when_asked_by_name() -> None:
    secret = Secret(WORD)

    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r}", str([secret])]
    assert not any(WORD in text for text in shown)
    assert secret.reveal() == WORD
    assert not hasattr(secret, "__dict__")


def test_an_empty_secret_is_false_and_says_so() -> None:
    assert (bool(Secret("")), repr(Secret("")), bool(Secret("x"))) == (False, "Secret('')", True)


def test_a_secret_comes_from_its_variable_or_its_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{WORD}\n", encoding="utf-8")

    assert read_secret("X", {"X": WORD}).reveal() == WORD
    assert read_secret("X", {"X_FILE": str(file)}).reveal() == WORD
    assert not read_secret("X", {})


def test_two_sources_of_one_secret_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="X and X_FILE are both set"):
        read_secret("X", {"X": WORD, "X_FILE": str(tmp_path)})


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_an_unreadable_file_is_named_and_nothing_of_it_shown(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ConfigError, match=r"X_FILE=.*token: cannot be read"):
        read_secret("X", {"X_FILE": str(file)})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mqtt://broker", Address("mqtt", "broker", 1883)),
        ("mqtts://broker:9999", Address("mqtts", "broker", 9999)),
        ("mqtts://[::1]", Address("mqtts", "::1", 8883)),
    ],
)
def test_an_address_has_the_port_of_its_scheme(text: str, expected: Address) -> None:
    address = parse_url("GIGACITY_MQTT_URL", text, ("mqtt", "mqtts"))

    assert address == expected
    assert address.is_tls is text.startswith("mqtts")


def test_an_address_prints_as_a_url() -> None:
    texts = ["http://db:8086/influx", "https://[::1]:443"]

    assert [str(parse_url("X", text + "/", ("http", "https"))) for text in texts] == texts


@pytest.mark.parametrize(
    "text", [f"mqtt://user:{WORD}@broker", f"mqtt://{WORD}@broker:1883", "mqtt://@b"]
)
def test_a_url_with_credentials_is_refused_without_showing_them(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_url("GIGACITY_MQTT_URL", text, ("mqtt",))

    assert "GIGACITY_MQTT_URL must not carry a user name or password" in str(caught.value)
    assert WORD not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "broker:1883",
        "http://broker",
        "mqtt://",
        "mqtt://b:port",
        "mqtt://b:70000",
        "mqtt://[::1",
    ],
)
def test_what_is_no_address_names_the_setting(text: str) -> None:
    with pytest.raises(ConfigError, match="GIGACITY_MQTT_URL"):
        parse_url("GIGACITY_MQTT_URL", text, ("mqtt",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_where_to_listen(text: str, expected: tuple[str, int]) -> None:
    assert parse_listen("GIGACITY_HTTP_LISTEN", text) == expected


@pytest.mark.parametrize(
    "text", ["", "8080", ":8080", "host:", "host:65536", "host:-1", "host:8o8o"]
)
def test_where_nobody_can_listen(text: str) -> None:
    with pytest.raises(ConfigError, match="GIGACITY_HTTP_LISTEN"):
        parse_listen("GIGACITY_HTTP_LISTEN", text)


def test_each_publisher_has_its_own_password() -> None:
    """HMAC-SHA256 of the identity, base64url without padding; the value is openssl's."""
    secret = Secret("0123456789abcdef")
    passwords = [field_password(secret, i).reveal() for i in ("371602/olt/a", "371602/olt/b")]

    assert len(set(passwords)) == 2
    assert all(len(p) == 43 and not p.endswith("=") for p in passwords)
    assert passwords[0] == "5baa25toa22fyvTx6OlYWtPwHPGOATrcDoLoILNNxAg"


def test_a_short_field_secret_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigError, match="at least 16") as caught:
        field_password(Secret("short-secret"), "x")

    assert "short-secret" not in str(caught.value)


RENAMED = {"GIGACITY_OLD_WORD": "GIGACITY_NEW_WORD", "GIGACITY_GONE": "start more of them instead"}


@pytest.mark.parametrize(
    ("environ", "arguments", "message"),
    [
        ({"GIGACITY_OLD_WORD": "1"}, [], "GIGACITY_OLD_WORD is now GIGACITY_NEW_WORD"),
        (
            {"GIGACITY_OLD_WORD_FILE": "x"},
            [],
            "GIGACITY_OLD_WORD_FILE is now GIGACITY_NEW_WORD_FILE",
        ),
        ({"GIGACITY_GONE": "4"}, [], "GIGACITY_GONE: start more of them instead"),
        ({}, ["ingest", "--old-word=1"], "--old-word is now --new-word"),
        ({}, ["--no-old-word"], "--no-old-word is now --no-new-word"),
        ({}, ["--gone", "4"], "--gone: start more of them instead"),
    ],
    ids=["variable", "file of a secret", "without successor", "flag", "switch", "gone flag"],
)
def test_a_name_of_before_is_refused_with_the_new_one(
    environ: dict[str, str], arguments: list[str], message: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        refuse_renamed(environ, arguments, RENAMED)
    assert message in str(raised.value).splitlines()[1]


def test_names_of_today_and_empty_variables_are_not_refused() -> None:
    refuse_renamed({"GIGACITY_NEW_WORD": "1", "GIGACITY_GONE": ""}, ["--new-word"], RENAMED)


def test_a_secret_of_a_file_is_read_again_when_it_is_used_again(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("first\n")
    secret = read_secret("GIGACITY_MQTT_PASSWORD", {"GIGACITY_MQTT_PASSWORD_FILE": str(file)})
    file.write_text("second\n")
    assert (secret.reveal(), secret.latest().reveal()) == ("first", "second")
    assert secret.latest().origin == f"GIGACITY_MQTT_PASSWORD_FILE={file}"
    file.write_text("")  # In the middle of being written.
    assert secret.latest().reveal() == "first"
    file.unlink()
    assert secret.latest().reveal() == "first"


def test_a_secret_of_the_environment_stays_and_says_where_it_came_from() -> None:
    secret = read_secret("GIGACITY_MQTT_PASSWORD", {"GIGACITY_MQTT_PASSWORD": "word"})
    assert secret.latest() is secret
    assert secret.origin == "GIGACITY_MQTT_PASSWORD"
