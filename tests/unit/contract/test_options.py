"""Options of a command as one dataclass: what the parser sees, and what the command gets."""

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from gigacity_contract.process.options import options_of


@dataclass(frozen=True, kw_only=True)
class Given:
    count: Annotated[int, typer.Option(envvar="A_COUNT", min=1, help="How many.")] = 3
    name: Annotated[str, typer.Option(help="Whose.")]
    is_loud: Annotated[bool, typer.Option("--loud")] = False


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
    assert taken == [Given(count=7, name="x", is_loud=True)]


def test_a_context_stands_before_the_options() -> None:
    app, taken = _app()
    CliRunner().invoke(app, ["with-context", "--name", "x"])

    assert taken == [("with-context", Given(name="x"))]


@pytest.mark.parametrize("words", [["--count", "0", "--name", "x"], []], ids=["range", "missing"])
def test_what_is_wrong_or_missing_ends_with_code_2(words: list[str]) -> None:
    app, taken = _app()

    assert CliRunner().invoke(app, ["plain", *words]).exit_code == 2
    assert taken == []


def test_help_is_the_commands_own() -> None:
    output = CliRunner().invoke(_app()[0], ["plain", "--help"], env={"COLUMNS": "200"}).output

    assert all(text in output for text in ("Say it.", "How many.", "A_COUNT", "--loud", "required"))
