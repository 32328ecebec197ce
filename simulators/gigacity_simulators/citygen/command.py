"""The command ``generate-city``: writes a synthetic city folder, or compares one with its seed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gigacity_contract.errors import ConfigError

if TYPE_CHECKING:
    from rich.progress import Progress

EPILOG = (
    "Example: gigacity generate-city --profile demo --out /tmp/my-city"
    " (with --check: compare instead of writing)"
)

_BASE = Path("deploy/city/binzhou/city.yaml")
_FOLDERS = {"city": Path("deploy/city/binzhou"), "demo": Path("deploy/city/binzhou-demo")}


def generate_city(
    profile: Annotated[
        str, typer.Option(envvar="GIGACITY_PROFILE", help="demo (1,600 ports) or city (41,000).")
    ] = "demo",
    out: Annotated[
        Path | None,
        typer.Option(
            envvar="GIGACITY_OUT",
            help="Folder to write, made if need be; by default the committed one of the profile.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(envvar="GIGACITY_SEED", help="Same seed, same city.")
    ] = 371600,
    base: Annotated[
        Path,
        typer.Option(envvar="GIGACITY_BASE", help="The city.yaml with names, targets and rules."),
    ] = _BASE,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the folder differs.")
    ] = False,
) -> None:
    """Generate the tables of a synthetic city: communities, buildings, ports, devices.

    Names, targets and rules come from the base city.yaml; everything else is drawn from the seed.
    """
    # Imported here, so that --help of every other command stays quick.
    from gigacity_simulators.citygen.folder import differing, write_files  # noqa: PLC0415
    from gigacity_simulators.citygen.generate import generate  # noqa: PLC0415
    from gigacity_simulators.citygen.profile import PROFILES  # noqa: PLC0415

    if profile not in PROFILES:
        raise ConfigError(f"--profile {profile}: known are {', '.join(sorted(PROFILES))}")
    try:
        base_text = base.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--base {base}: cannot be read: {error}") from error
    folder = _FOLDERS[profile] if out is None else out
    with _bar() as bar:
        task = bar.add_task(f"{profile} city", total=8)
        made = generate(
            PROFILES[profile],
            seed=seed,
            base_text=base_text,
            base_name=f"{base.parent.name}/{base.name}",
            progress=lambda name: bar.update(task, advance=1, description=name),
        )
    if not check:
        write_files(folder, made)
        typer.echo(f"{folder}: {sum(len(text.encode()) for text in made.values()):,} bytes written")
        return
    wrong = differing(folder, made)
    if wrong:
        typer.echo(f"{folder}: not what seed {seed} gives: {', '.join(wrong)}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{folder}: as generated from seed {seed}")


def _bar() -> "Progress":
    from rich.console import Console  # noqa: PLC0415  see above
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    return Progress(
        TextColumn("{task.description:<18}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
