"""Commands of the worker, and those that need what it is made of."""

import typer

from gigacity_ingest.commands import (
    check,
    conformance,
    dead_letters,
    ingest,
    mapping,
    provision,
    recording,
    spool,
)

REQUIRES = ("paho", "influxdb_client", "isal", "prometheus_client", "structlog")

app = typer.Typer()
app.add_typer(ingest.app, name="ingest")
app.add_typer(dead_letters.app, name="deadletters")
app.add_typer(spool.app, name="spool")
app.add_typer(provision.app)
app.add_typer(mapping.app, name="mapping")
app.add_typer(check.app)
app.add_typer(conformance.app)
app.add_typer(recording.app)
