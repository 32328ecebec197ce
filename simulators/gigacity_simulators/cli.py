"""Commands of this package: ``simulate``, what goes with it, and ``generate-city``.

Heavy imports stand inside the command, so that ``gigacity --help`` is quick.
"""

import typer

from gigacity_contract.process.options import options_of
from gigacity_simulators.citygen.command import EPILOG as GENERATE_EPILOG
from gigacity_simulators.citygen.command import generate_city
from gigacity_simulators.foreign.command import EPILOG as SOURCES_EPILOG
from gigacity_simulators.foreign.command import simulate_sources
from gigacity_simulators.settings import SimulateSettings
from gigacity_simulators.snmp.command import EPILOG as OLT_EPILOG
from gigacity_simulators.snmp.command import simulate_olt

REQUIRES = ("paho",)

app = typer.Typer()
app.command("generate-city", epilog=GENERATE_EPILOG)(generate_city)
app.command("simulate-olt", epilog=OLT_EPILOG)(simulate_olt)
app.command("simulate-sources", epilog=SOURCES_EPILOG)(simulate_sources)

_EPILOG = (
    "Example: GIGACITY_SIMULATE_FIELD_SECRET_FILE=field.secret gigacity simulate"
    " --city deploy/city/binzhou-demo --mqtt-url mqtt://127.0.0.1:1883 --evaluate-tick-s 5"
    " --truth truth.jsonl --duration 120"
)


@app.command(epilog=_EPILOG)
@options_of(SimulateSettings)
def simulate(given: SimulateSettings) -> None:
    """Simulate the devices of a city against an MQTT broker.

    Each publisher logs in with its identity path as user name and a password derived from
    GIGACITY_SIMULATE_FIELD_SECRET (or ..._FILE); without that secret no password is sent.
    Ends in an orderly way at SIGTERM, at Ctrl-C and after --duration: exit code 0; 1 if no client
    ever got through; 2 for a wrong setting.
    """
    from gigacity_simulators.command import simulate as run  # noqa: PLC0415 # See above.

    raise typer.Exit(run(given))
