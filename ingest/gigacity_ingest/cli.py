"""Commands of the worker: ``ingest``, ``deadletters``, ``spool`` and ``provision``."""

import typer

from gigacity_ingest.commands import dead_letters, ingest, provision, spool

REQUIRES = ("paho", "influxdb_client", "isal", "prometheus_client", "structlog")

app = typer.Typer()
app.add_typer(ingest.app, name="ingest")
app.add_typer(dead_letters.app, name="deadletters")
app.add_typer(spool.app, name="spool")
app.add_typer(provision.app)
