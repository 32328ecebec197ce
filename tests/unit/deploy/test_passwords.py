import base64
import hashlib

import pytest

from gigacity_deploy.passwords import ITERATIONS, password_file, password_line


def test_a_line_has_mosquittos_form_and_its_hash_follows_from_salt_and_password() -> None:
    line = password_line("371602/olt/olt-1", "secret", salt=b"0123456789ab")
    user, _, rest = line.partition(":")
    empty, kind, iterations, salt, digest = rest.split("$")
    assert (user, empty, kind, int(iterations)) == ("371602/olt/olt-1", "", "7", ITERATIONS)
    assert base64.b64decode(salt) == b"0123456789ab"
    expected = hashlib.pbkdf2_hmac("sha512", b"secret", b"0123456789ab", ITERATIONS)
    assert base64.b64decode(digest) == expected


def test_two_lines_of_one_password_differ() -> None:
    assert password_line("a", "same") != password_line("a", "same")


def test_a_file_has_a_line_for_each() -> None:
    text = password_file([("a", "1"), ("b", "2")])
    assert [line.split(":")[0] for line in text.splitlines()] == ["a", "b"]
    assert text.endswith("\n")


@pytest.mark.parametrize(
    ("user", "password"),
    [("", "x"), ("a:b", "x"), ("a\nb", "x"), ("a", "")],
    ids=["no name", "colon", "line break", "no password"],
)
def test_what_the_file_cannot_carry_is_refused(user: str, password: str) -> None:
    with pytest.raises(ValueError, match=r"empty|colon"):
        password_line(user, password)
