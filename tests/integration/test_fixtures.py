"""The fixtures keep what they promise, and the generated configurations do, on real servers."""

import pytest

from gigacity_contract.clock import SystemClock
from gigacity_contract.measurements import POLICIES
from tests.support.mqtt_probe import can_connect
from tests.support.processes import Broker
from tests.support.processes_influx import InfluxServer

pytestmark = pytest.mark.integration

NOW_MS = SystemClock().now_ms()


def _line(rx_dbm: float, at_ms: int = NOW_MS) -> bytes:
    return f"pon_port,olt=a rx_dbm={rx_dbm} {at_ms}".encode()


def test_a_password_hashed_in_python_opens_the_real_broker(broker: Broker) -> None:
    login = broker.add_user("371602/olt/olt-of-the-password-test")
    assert can_connect(broker.host, broker.port, login.username, login.password)
    assert can_connect(
        broker.host, broker.worker_port, broker.worker.username, broker.worker.password
    )


@pytest.mark.parametrize(
    ("username", "password"),
    [("gigacity-worker", "wrong"), ("371602/olt/unknown", "x"), ("", "")],
    ids=["wrong password", "unknown user", "nobody"],
)
def test_the_broker_refuses_everybody_else(broker: Broker, username: str, password: str) -> None:
    assert not can_connect(broker.host, broker.port, username, password)


def test_a_bucket_has_every_policy_and_keeps_what_is_written(database: InfluxServer) -> None:
    written = database.write(_line(-20.5))
    assert written.status == 204, written.body
    rows = database.query("SELECT olt, rx_dbm FROM pon_port")
    assert rows == [{"time": NOW_MS, "olt": "a", "rx_dbm": -20.5}]
    named = {row["name"] for row in database.query("SHOW RETENTION POLICIES", "")}
    assert named >= {policy.name for policy in POLICIES}


def test_two_buckets_of_one_server_do_not_see_each_other(
    influx: InfluxServer, database: InfluxServer
) -> None:
    assert database.bucket != influx.bucket
    assert database.write(_line(1)).status == 204
    assert influx.query("SELECT rx_dbm FROM pon_port") == []


def test_data_survives_an_orderly_restart_and_a_kill(fresh_influx: InfluxServer) -> None:
    assert fresh_influx.write(_line(1)).status == 204
    fresh_influx.stop()
    fresh_influx.start()
    assert fresh_influx.write(_line(2, NOW_MS + 1)).status == 204
    fresh_influx.kill()
    fresh_influx.start()
    assert fresh_influx.count("pon_port", "rx_dbm") == 2


def test_a_broker_comes_back_on_the_same_port_with_the_same_users(fresh_broker: Broker) -> None:
    login = fresh_broker.add_user("371602/gateway/gw-restart")
    fresh_broker.stop()
    assert not can_connect(fresh_broker.host, fresh_broker.port, login.username, login.password)
    fresh_broker.start()
    assert can_connect(fresh_broker.host, fresh_broker.port, login.username, login.password)
