"""The command ``simulate-sources``: the mappings of a simulated city that speaks other formats."""

import sys
from dataclasses import dataclass
from pathlib import Path

from gigacity_contract.errors import ConfigError
from gigacity_contract.process.options import flag, options_of, setting

EPILOG = (
    "Example: gigacity simulate-sources --city deploy/city/binzhou-demo --formats all --out sources"
)


@dataclass(frozen=True, kw_only=True)
class SimulateSourcesSettings:
    """What ``gigacity simulate-sources`` may be told."""

    city: Path = setting(Path("deploy/city/binzhou-demo"), meaning="folder of the city file")
    formats: str = setting(
        "all", variable="GIGACITY_SIMULATE_*", meaning="as of `gigacity simulate`"
    )
    out: Path = flag(Path("sources"), meaning="folder of the files; made if need be")


@options_of(SimulateSourcesSettings)
def simulate_sources(given: SimulateSourcesSettings) -> None:
    """Write the mappings that read what `gigacity simulate --formats` says, and foreign_ids.csv.

    Give the folder to the worker (GIGACITY_MQTT_SOURCES) and put foreign_ids.csv into the folder of
    the city file; `gigacity credentials field` makes the access lists of both.
    """
    from gigacity_city.load import load_city  # noqa: PLC0415 - keeps --help quick
    from gigacity_simulators.foreign.catalogue import formats_named  # noqa: PLC0415
    from gigacity_simulators.foreign.sources import source_texts  # noqa: PLC0415
    from gigacity_simulators.foreign.speakers import speakers_of  # noqa: PLC0415
    from gigacity_simulators.publisher_directory import build_directory  # noqa: PLC0415

    city = load_city(given.city)
    # The seed makes no difference to who speaks what.
    directory = build_directory(city, seed=1)
    texts = source_texts(city, directory, speakers_of(directory, formats_named(given.formats)))
    try:
        given.out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (given.out / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--out {given.out}: cannot be written: {error}") from error
    sys.stderr.write(
        f"{given.out}: {len(texts) - 1} mappings, and foreign_ids.csv for the city file\n"
    )
