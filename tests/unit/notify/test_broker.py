"""A broker that ends a session, and says why."""

import socket
import time

from gigacity_contract.access import Address, Secret
from gigacity_notify.broker import BrokerLink
from tests.support.http_double import socket_service
from tests.support.mqtt_probe import wait_until
from tests.support.notices import logged

CONNACK = bytes.fromhex("2003000000")
DISCONNECT = bytes.fromhex("e0028e00")
"""Session taken over."""


def test_the_reason_of_an_end_is_said_once() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(CONNACK)
        connection.recv(65_536)
        connection.sendall(DISCONNECT)
        time.sleep(0.5)

    with socket_service(talk) as port, logged("gigacity_notify.broker") as lines:
        link = BrokerLink(
            Address("mqtt", "127.0.0.1", port), lambda _: None, client_id="n", username="u",
            password=Secret("p"),
        )  # fmt: skip
        assert link.standing.problem == f"there is no session at mqtt://127.0.0.1:{port}"
        link.start()
        try:
            wait_until(lambda: "ended" in link.standing.problem, "the end")
        finally:
            link.stop()
    (line,) = lines
    assert line["log_level"] == "warning"
    assert f"mqtt://127.0.0.1:{port} ended: Session taken over; " in line["problem"]
