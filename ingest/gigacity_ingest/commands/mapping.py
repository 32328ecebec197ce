"""``gigacity mapping``: check mapping files, and try a message on them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigacity_ingest.commands.message_input import (
    CityOption,
    JSONOption,
    PayloadArgument,
    ReceivedOption,
    TopicOption,
    print_json,
    read_payload,
    received_ms,
)
from gigacity_ingest.commands.preset import EPILOG as PRESET_EPILOG
from gigacity_ingest.commands.preset import preset
from gigacity_ingest.commands.suggesting import EPILOG, suggest
from gigacity_ingest.commands.watching import EPILOG as WATCH_EPILOG
from gigacity_ingest.commands.watching import watch

if TYPE_CHECKING:
    from gigacity_ingest.mapping.problems import MappingProblem

app = typer.Typer(
    help="Check mappings of other formats, and try messages on them.",
    epilog="Example: gigacity mapping check deploy/sources",
    no_args_is_help=True,
)


@app.command(epilog="Example: gigacity mapping check deploy/sources site.yaml")
def check(
    files: Annotated[list[Path], typer.Argument(help="Mapping files, or folders of them.")],
    *,
    as_json: JSONOption = False,
) -> None:
    """Load mapping files as the worker does, and run the tests that they bring.

    Exits with 0 if all is well, with 1 if a file is wrong or a test fails.
    """
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick
    from gigacity_ingest.mapping.loading import check_mappings  # noqa: PLC0415
    from gigacity_ingest.mapping.problems import MappingError  # noqa: PLC0415

    for path in files:
        if not path.exists():
            raise ConfigError(f"{path}: no such file or folder")
    names: list[str] = []
    cases, failures = 0, list["MappingProblem"]()
    try:
        loaded = check_mappings(files)
    except MappingError as error:
        problems = error.problems
    else:
        problems, failures, cases = [], loaded.failures, loaded.cases
        names = [source.name for source in loaded.sources]
    if as_json:
        print_json(
            {
                "ok": not (problems or failures),
                "sources": names,
                "tests": cases,
                "problems": [_as_dict(problem) for problem in problems],
                "failures": [_as_dict(failure) for failure in failures],
            }
        )
    else:
        _print_check(names, cases, problems, failures)
    raise typer.Exit(1 if problems or failures else 0)


def _as_dict(problem: "MappingProblem") -> dict[str, Any]:
    return {name: getattr(problem, name) for name in ("file", "line", "column", "path", "message")}


def _print_check(
    names: list[str],
    cases: int,
    problems: list["MappingProblem"],
    failures: list["MappingProblem"],
) -> None:
    for problem in (*problems, *failures):
        sys.stderr.write(f"{problem}\n")
    if problems:
        sys.stderr.write(f"{len(problems)} problem(s); no source is in force\n")
    else:
        failed = len({(one.file, one.line) for one in failures})
        shown = f"{len(names)} source(s): {', '.join(names) or 'none'}"
        sys.stdout.write(f"{shown}; {cases - failed} of {cases} test(s) pass\n")


@app.command(
    "try",
    epilog="Example: mosquitto_sub -t 'site/#' -C 1 -N | gigacity mapping try site.yaml -"
    " --topic site/371602001001/m-1/up",
)
def try_on(
    file: Annotated[Path, typer.Argument(help="Mapping file, or a folder of them.")],
    payload: PayloadArgument,
    *,
    topic: TopicOption,
    city: CityOption = None,
    received: ReceivedOption = "",
    known: Annotated[
        list[str] | None,
        typer.Option("--id", help="Foreign id and its object: k1/d1=371602001001/smoke-1."),
    ] = None,
    retained: Annotated[bool, typer.Option("--retained", help="It is a retained copy.")] = False,
    as_json: JSONOption = False,
) -> None:
    """Show what becomes of one message: envelope, identity, time, fields, lines.

    By the worker's own code; nothing is sent or stored. Without --city every object counts as
    registered, and foreign ids are those of --id. Exits with 0 if all of it is good.
    """
    from gigacity_ingest.commands.showing import show_explanation  # noqa: PLC0415 - quick --help
    from gigacity_ingest.commands.trying import MappingTrials  # noqa: PLC0415
    from gigacity_ingest.formats.readings import ForeignMessage  # noqa: PLC0415

    message = ForeignMessage(topic, read_payload(payload), retained, received_ms(received))
    found = MappingTrials(file, city, known or []).of(message)
    if as_json:
        print_json({**_builtins(found.explanation), "outcome": _builtins(found.trial)})
    else:
        show_explanation(found.explanation, found.trial, is_city_known=city is not None)
    raise typer.Exit(0 if found.trial.is_good else 1)


def _builtins(value: object) -> Any:
    import msgspec  # noqa: PLC0415 - keeps --help quick

    return msgspec.to_builtins(value)


app.command(epilog=WATCH_EPILOG)(watch)
app.command(epilog=EPILOG)(suggest)
app.command(epilog=PRESET_EPILOG)(preset)
