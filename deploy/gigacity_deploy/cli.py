"""Commands of this package: from ``demo`` to ``watch``."""

import typer

from gigacity_deploy.commands import alarms, broker_log, city, credentials, demo, doctor, watch

REQUIRES: tuple[str, ...] = ()

app = typer.Typer()
app.add_typer(demo.app)
app.add_typer(credentials.app, name="credentials")
app.add_typer(city.app, name="city")
app.add_typer(doctor.app)
app.add_typer(broker_log.app)
app.add_typer(alarms.app, name="alarms")
app.add_typer(watch.app)
