"""``python -m tests.bench``: what the worker, the API and all of it together cost."""

import sys

import typer

from gigacity_contract.errors import CityError, ConfigError
from tests.bench.api.command import bench_api
from tests.bench.boards.command import boards_at_scale
from tests.bench.decode.command import decode
from tests.bench.ingest.command import ingest
from tests.bench.pace.command import pace
from tests.bench.storm.command import storm

EXAMPLES = {
    "ingest": "python -m tests.bench ingest --rounds 3 --sink influx --json > out.json  |  on few"
    " cores: python -m tests.bench ingest --consumer-list worker,writer --database-cpus 0",
    "api": "python -m tests.bench api --rates 50,200,800 --seconds 5",
    "boards": "python -m tests.bench boards --folder /var/tmp/boards --ranges 24h,7d",
    "decode": "python -m tests.bench decode --only alink,iotda --json > decode.json",
    "pace": "python -m tests.bench pace --rates 1500,7500 --shape city,bundle100 --rounds 3",
    "storm": "python -m tests.bench storm --duration 900 --report storm.json",
}
app = typer.Typer(
    help="Measure, and compare with what others cost. Run it at the top of a checkout.",
    epilog="Example: python -m tests.bench ingest --rounds 1 --sink null",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("ingest", epilog=f"Examples: {EXAMPLES['ingest']}")(ingest)
app.command("api", epilog=f"Example: {EXAMPLES['api']}")(bench_api)
app.command("boards", epilog=f"Example: {EXAMPLES['boards']}")(boards_at_scale)
app.command("decode", epilog=f"Example: {EXAMPLES['decode']}")(decode)
app.command("pace", epilog=f"Example: {EXAMPLES['pace']}")(pace)
app.command("storm", epilog=f"Example: {EXAMPLES['storm']}")(storm)


def main() -> None:
    """Run it; a wrong setting or city file ends with exit code 2."""
    try:
        app(prog_name="python -m tests.bench")
    except (ConfigError, CityError) as error:
        sys.stderr.write(f"gigacity: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
