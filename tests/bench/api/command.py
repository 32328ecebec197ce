"""``python -m tests.bench api``: how quickly the scorecard is answered, beside a bare route."""

from pathlib import Path
from typing import Annotated

import typer


def bench_api(
    *,
    city: Annotated[
        Path, typer.Option(envvar="GIGACITY_CITY", help="folder of the city file")
    ] = Path("deploy/city/binzhou"),
    rates: Annotated[
        str, typer.Option(help="requests a second, rising; each is held for some seconds")
    ] = "50,100,200,400,800",
    seconds: Annotated[float, typer.Option(min=0.2, help="how long each rate is held")] = 5.0,
    connections: Annotated[
        int, typer.Option(min=1, max=500, help="kept open, as browsers and dashboards do")
    ] = 32,
    as_json: Annotated[bool, typer.Option("--json", help="figures for programs")] = False,
) -> None:
    """Ask for the scorecard at rising rates: whole, unchanged (304), and a bare route beside it.

    The bare route is Starlette alone and answers as many bytes. All are served by a process of
    their own over a city in memory, asked in turn at each rate. Latency counts from the moment at
    which a request was due, so that a server that falls behind cannot hide it.
    Exits with 1 if any answer was wrong.
    """
    from tests.bench.api.run import run  # noqa: PLC0415 - keeps --help fast

    raise typer.Exit(
        run(city, rates=rates, seconds=seconds, connections=connections, as_json=as_json)
    )
