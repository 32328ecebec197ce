"""Options of a command as one dataclass: what the parser sees, and what the command gets."""

from dataclasses import dataclass

import pytest
import typer
from typer.testing import CliRunner

from gigacity_contract.access import Secret
from gigacity_contract.process.options import flag, options_of, secret, setting, settings_of


@dataclass(frozen=True, kw_only=True)
class Given:
    count: int = setting(3, variable="A_COUNT", low=1, meaning="How many.")
    name: str = flag(meaning="Whose.")
    is_loud: bool = flag(False, flags=("--loud",), meaning="How.")
    word: Secret = secret(variable="A_WORD", meaning="What opens it.")


def _app() -> tuple[typer.Typer, list[object]]:
    app, taken = typer.Typer(), list[object]()

    @app.command()
    @options_of(Given)
    def plain(given: Given) -> None:
        """Say it."""
        taken.append(given)

    @app.command()
    @options_of(Given)
    def with_context(context: typer.Context, given: Given) -> None:
        taken.append((context.info_name, given))

    return app, taken


def test_every_field_is_an_option_with_its_default_and_variable() -> None:
    app, taken = _app()
    run = CliRunner().invoke(app, ["plain", "--name", "x", "--loud"], env={"A_COUNT": "7"})

    assert run.exit_code == 0, run.output
    [given] = taken
    assert isinstance(given, Given)
    assert (given.count, given.name, given.is_loud, bool(given.word)) == (7, "x", True, False)


def test_a_secret_comes_from_its_variable_and_has_no_flag() -> None:
    app, taken = _app()
    CliRunner().invoke(app, ["plain", "--name", "x"], env={"A_WORD": "sesame"})
    [given] = taken
    assert isinstance(given, Given)
    assert given.word.reveal() == "sesame"
    assert CliRunner().invoke(app, ["plain", "--name", "x", "--word", "y"]).exit_code == 2


def test_what_the_page_needs_is_declared_with_the_field() -> None:
    count, name, _, word = settings_of(Given)
    assert (count.variable, count.default, count.meaning) == ("A_COUNT", 3, "How many.")
    assert (name.variable, word.variable, word.is_secret) == ("", "A_WORD", True)


def test_a_context_stands_before_the_options() -> None:
    app, taken = _app()
    CliRunner().invoke(app, ["with-context", "--name", "x"])

    assert [pair[0] for pair in taken if isinstance(pair, tuple)] == ["with-context"]


@pytest.mark.parametrize("words", [["--count", "0", "--name", "x"], []], ids=["range", "missing"])
def test_what_is_wrong_or_missing_ends_with_code_2(words: list[str]) -> None:
    app, taken = _app()

    assert CliRunner().invoke(app, ["plain", *words]).exit_code == 2
    assert taken == []


def test_help_is_the_commands_own() -> None:
    output = CliRunner().invoke(_app()[0], ["plain", "--help"], env={"COLUMNS": "200"}).output

    assert all(text in output for text in ("Say it.", "How many.", "A_COUNT", "--loud", "required"))
