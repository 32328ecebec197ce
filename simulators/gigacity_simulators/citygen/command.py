"""The command ``generate-city``: writes a synthetic city folder, or compares one with its seed."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gigacity_contract.errors import ConfigError
from gigacity_contract.process.options import flag, options_of, setting

if TYPE_CHECKING:
    from rich.progress import Progress

EPILOG = (
    "Example: gigacity generate-city --profile demo --out /tmp/my-city"
    " (with --check: compare instead of writing)"
)

_BASE = Path("deploy/city/binzhou/city.yaml")
_FOLDERS = {"city": Path("deploy/city/binzhou"), "demo": Path("deploy/city/binzhou-demo")}


@dataclass(frozen=True, kw_only=True)
class GenerateCitySettings:
    """What ``gigacity generate-city`` may be told."""

    profile: str = setting("demo", meaning="`demo` (1,600 ports) or `city` (41,000)")
    out: Path | None = setting(
        None,
        shown_default="the committed folder of the profile",
        meaning="folder to write, made if need be",
    )
    seed: int = setting(371600, meaning="same seed, same city")
    base: Path = setting(_BASE, meaning="the `city.yaml` with names, targets and rules")
    check: bool = flag(
        False, flags=("--check",), meaning="write nothing; exit 1 if the folder differs"
    )


@options_of(GenerateCitySettings)
def generate_city(given: GenerateCitySettings) -> None:
    """Generate the tables of a synthetic city: communities, buildings, ports, devices.

    Names, targets and rules come from the base city.yaml; everything else is drawn from the seed.
    """
    # Imported here, so that --help of every other command stays quick.
    from gigacity_city.outline import read_outline  # noqa: PLC0415
    from gigacity_city.problems import Problems  # noqa: PLC0415
    from gigacity_simulators.citygen.folder import differing, write_files  # noqa: PLC0415
    from gigacity_simulators.citygen.generate import generate  # noqa: PLC0415
    from gigacity_simulators.citygen.profile import PROFILES  # noqa: PLC0415

    profile, base, seed = given.profile, given.base, given.seed
    if profile not in PROFILES:
        raise ConfigError(f"--profile {profile}: known are {', '.join(sorted(PROFILES))}")
    try:
        base_text = base.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--base {base}: cannot be read: {error}") from error
    problems = Problems()
    read_outline(base_text, problems)
    if problems:
        raise ConfigError(f"--base {base}: {problems}")
    folder = _FOLDERS[profile] if given.out is None else given.out
    with _bar() as bar:
        task = bar.add_task(f"{profile} city", total=8)
        made = generate(
            PROFILES[profile],
            seed=seed,
            base_text=base_text,
            base_name=f"{base.parent.name}/{base.name}",
            progress=lambda name: bar.update(task, advance=1, description=name),
        )
    if not given.check:
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
