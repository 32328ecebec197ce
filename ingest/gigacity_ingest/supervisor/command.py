"""``gigacity ingest drain``, ``sessions`` and ``check``.

Settings stand before them (``gigacity ingest --state-dir state drain --worker 2``) or in the
environment.
"""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gigacity_ingest.supervisor.prepared import Prepare

app = typer.Typer()
AsJSON = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command(
    epilog="Example: gigacity ingest --state-dir state drain --worker 2"
    " (settings stand before the command, or in the environment)"
)
def drain(
    context: typer.Context,
    *,
    worker: Annotated[
        list[str] | None,
        typer.Option(help="Number or client id of a worker that leaves; may be repeated."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All of them: nobody keeps what is published then.")
    ] = False,
    timeout_s: Annotated[
        float, typer.Option(min=0.0, help="Wait so long at most; 0: until it is done.")
    ] = 0.0,
) -> None:
    """Hand a worker's areas over, store what its session still holds, and end it.

    The others subscribe its areas first; only then is it unsubscribed, so that nothing falls
    between. A running supervisor does this beside its work; without one it is done here.

    Exits with 0 when it is done, with 1 if not yet, with 2 for a wrong call. A supervisor that is
    started with the same number of workers brings the worker back: lower it as well.
    """
    prepare: Prepare = context.obj
    from gigacity_ingest.ownership.drain import drain_sessions  # noqa: PLC0415 - quick --help

    is_done = drain_sessions(prepare(), worker or [], every=every, timeout_s=timeout_s)
    raise typer.Exit(0 if is_done else 1)


@app.command(epilog="Example: gigacity ingest --state-dir state sessions --json")
def sessions(context: typer.Context, *, as_json: AsJSON = False) -> None:
    """Show every session that this folder's workers have at the broker, and who owns what.

    Exits with 0 if every area of the city file has an owner and nothing is on the move, else 1.
    """
    prepare: Prepare = context.obj
    from gigacity_ingest.supervisor.overview import session_overview  # noqa: PLC0415 - as above

    overview = session_overview(prepare())
    if as_json:
        _print_json(overview)
    else:
        for row in overview["sessions"]:
            areas = ", ".join(row["areas"]) or "none"
            sys.stdout.write(f"{row['client_id']:<24} {row['state']:<8} {row['folder']}  {areas}\n")
        for problem in overview["problems"]:
            sys.stdout.write(f"! {problem}\n")
    raise typer.Exit(0 if overview["ok"] else 1)


@app.command(epilog="Example: gigacity ingest check --json")
def check(context: typer.Context, *, as_json: AsJSON = False) -> None:
    """Try broker, database and city file with the worker's settings, and look for unowned areas.

    Changes nothing and takes no session. Exits with 0 only if all is well.
    """
    prepare: Prepare = context.obj
    from gigacity_ingest.supervisor.overview import check_all  # noqa: PLC0415 - as above

    found = check_all(prepare)
    if as_json:
        _print_json(found)
    else:
        for name, part in found["checks"].items():
            mark = "ok  " if part["ok"] else "FAIL"
            sys.stdout.write(f"{mark} {name}: {part['detail']}\n")
    raise typer.Exit(0 if found["ok"] else 1)


def _print_json(content: dict[str, Any]) -> None:
    import msgspec  # noqa: PLC0415 - keeps --help quick

    text = msgspec.json.format(msgspec.json.encode(content), indent=2).decode()
    sys.stdout.write(f"{text}\n")
