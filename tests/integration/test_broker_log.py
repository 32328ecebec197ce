"""A publisher outside its path, from Mosquitto's own log to a row that a board shows."""

import time
from pathlib import Path

import pytest
from paho.mqtt import publish
from typer.testing import CliRunner

from gigacity_deploy.commands.broker_log import app
from tests.support.mqtt_probe import wait_until
from tests.support.processes import Broker, LocalBroker
from tests.support.processes_influx import InfluxServer

pytestmark = pytest.mark.integration
OWN, OTHER = "371602/olt/olt-a", "371602/olt/olt-b"


def test_whom_the_broker_turned_away_is_a_row(
    fresh_broker: Broker, database: InfluxServer, tmp_path: Path
) -> None:
    if not isinstance(fresh_broker, LocalBroker):
        pytest.skip("the log of this broker is not the tests' to read")
    fresh_broker.add_setting("log_type all")
    login = fresh_broker.add_user(OWN)
    publish.single(
        f"gigacity/v1/{OTHER}/pon", b"{}", qos=1, hostname="127.0.0.1", port=fresh_broker.port,
        client_id=OWN, auth={"username": login.username, "password": login.password},
    )  # fmt: skip
    log = tmp_path / "log"

    def is_logged() -> bool:
        lines = fresh_broker.log_lines()
        log.write_text("\n".join(lines), encoding="utf-8")
        return any("Denied PUBLISH" in line for line in lines)

    wait_until(is_logged, "the broker's line")
    done = CliRunner().invoke(app, [str(log)], env=database.env("worker"), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    time.sleep(database.shows_after_s)
    (row,) = database.query("SELECT * FROM turned_away WHERE reason = 'outside its path'", "ops")
    assert (row["identity"], row["count"]) == (OWN, 1)
    assert row["topic"] == f"gigacity/v1/{OTHER}/pon"
