"""The ``gigacity`` command: joins the typer apps that the installed packages offer.

A package offers a module at the entry point group ``gigacity.commands`` with ``app`` (a typer app)
and ``REQUIRES`` (import names of its extra). Where those are not installed its commands are left
out, so that an image shows just what it can do. Those modules import nothing heavy: ``--help`` is
quick.
"""

import importlib
import os
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points, version
from importlib.util import find_spec
from types import ModuleType
from typing import Annotated

import typer

from gigacity_contract.errors import GigacityError
from gigacity_contract.process.settings import refuse_renamed

GROUP = "gigacity.commands"


def _is_importable(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # A parent package is missing.
        return False


def offered_modules(points: Iterable[EntryPoint]) -> Iterator[ModuleType]:
    """The command modules whose package and whose extra are installed, by name."""
    for point in sorted(points, key=lambda p: p.name):
        if not _is_importable(point.module):
            continue
        module = importlib.import_module(point.module)
        if all(_is_importable(name) for name in module.REQUIRES):
            yield module


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"gigacity {version('gigacity')}\n")
        raise typer.Exit


def _epilog(left_out: Iterable[str]) -> str:
    text = "Examples: gigacity demo  |  gigacity ingest --help"
    names = ", ".join(sorted(left_out))
    return f"{text}  |  left out, their extra is not installed: {names}" if names else text


def build_app(points: Iterable[EntryPoint] | None = None) -> typer.Typer:
    """The root command with everything that is installed here; its help names what is not."""
    found = list(entry_points(group=GROUP) if points is None else points)
    offered = list(offered_modules(found))
    there = {module.__name__ for module in offered}
    root = typer.Typer(
        help="How far a city's digital infrastructure really reaches: MQTT telemetry in, traceable"
        " coverage indicators out.",
        epilog=_epilog(point.name for point in found if point.module not in there),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )

    @root.callback()
    def _options(
        _version: Annotated[
            bool,
            typer.Option(
                "--version", callback=_show_version, is_eager=True, help="Show the version."
            ),
        ] = False,
    ) -> None:
        """Hold the options that stand before a command."""

    for module in offered:
        root.add_typer(module.app)
    return root


def main() -> None:
    """Run the command line; an error that is told, such as a wrong file, ends with exit code 2."""
    try:
        refuse_renamed(os.environ, sys.argv[1:])
        build_app()()
    except GigacityError as error:
        sys.stderr.write(f"gigacity: {error}\n")
        sys.exit(2)
