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

if TYPE_CHECKING:
    from gigacity_ingest.foreign.trial import MappingTrial
    from gigacity_ingest.formats.readings import ForeignMessage
    from gigacity_ingest.mapping.problems import MappingProblem
    from gigacity_ingest.mapping.sources import ForeignSource, SourceSet

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
    from gigacity_ingest.formats.readings import ForeignMessage  # noqa: PLC0415

    message = ForeignMessage(topic, read_payload(payload), retained, received_ms(received))
    found = _tried(file, message, city, known or [])
    if as_json:
        print_json({**_builtins(found.explanation), "outcome": _builtins(found.trial)})
    else:
        show_explanation(found.explanation, found.trial, is_city_known=city is not None)
    raise typer.Exit(0 if found.trial.is_good else 1)


def _builtins(value: object) -> Any:
    import msgspec  # noqa: PLC0415 - keeps --help quick

    return msgspec.to_builtins(value)


def _tried(
    file: Path, message: "ForeignMessage", city: Path | None, known: list[str]
) -> "MappingTrial":
    from gigacity_city.load import load_city  # noqa: PLC0415 - keeps --help quick
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415
    from gigacity_ingest.decode.field_registry import FieldRegistry  # noqa: PLC0415
    from gigacity_ingest.foreign.trial import try_mapping  # noqa: PLC0415
    from gigacity_ingest.mapping.cases import foreign_object, owner_area  # noqa: PLC0415
    from gigacity_ingest.mapping.loading import check_mappings  # noqa: PLC0415

    sources = check_mappings([file]).sources
    source = _source_of(sources, message.topic)
    pairs = [text.partition("=")[::2] for text in known]
    if wrong := next((text for text in known if "=" not in text), None):
        raise ConfigError(f"--id {wrong}: write FOREIGN_ID=COMMUNITY/DEVICE, or =OLT/SLOT/PORT")
    area = owner_area(source)
    objects = [(source.name, key, foreign_object(value, area)) for key, value in pairs]
    registry = None if city is None else FieldRegistry.of(load_city(city))
    return try_mapping(source, message, registry, objects)


def _source_of(sources: "SourceSet", topic: str) -> "ForeignSource":
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick

    source = sources.find(topic)
    if source is None:
        filters = "; ".join(f"{s.name}: {', '.join(t.text for t in s.topics)}" for s in sources)
        raise ConfigError(f"--topic {topic}: no source has it; there are {filters or 'none'}")
    return source


app.command(epilog=EPILOG)(suggest)
app.command(epilog=PRESET_EPILOG)(preset)
