"""Mail, syslog and the broker, over real sockets."""

import json
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import client as paho
from paho.mqtt import publish, subscribe
from paho.mqtt.enums import CallbackAPIVersion

from gigacity_contract.access import Secret
from gigacity_contract.local_time import ZONE
from gigacity_contract.process.settings import parse_url
from gigacity_contract.safety import SafetyEvent
from gigacity_notify.broker import BrokerLink
from gigacity_notify.calls import Verdict
from gigacity_notify.configuration import MailChannel, MQTTChannel, SyslogChannel
from gigacity_notify.health import BrokerStanding
from gigacity_notify.senders import ChannelSender
from gigacity_notify.wording import Teller
from tests.support.certificates import self_signed, server_context
from tests.support.http_double import serving
from tests.support.mqtt_probe import wait_until
from tests.support.mqtt_refusals import RefusingFront
from tests.support.notices import NOW_MS, logged, notice
from tests.support.processes import Broker, LocalBroker

pytestmark = pytest.mark.integration
TELLER = Teller(ZONE)


class _SMTPSession(socketserver.StreamRequestHandler):
    """A mail server without TLS that knows one recipient."""

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        self._say("220 mail.example ESMTP")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].upper().rstrip(":")
            if verb == "DATA":
                self._say("354 go on")
                self._take()
            elif line.upper().startswith("RCPT") and "nobody@" in line:
                self._say("550 no such user")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 well")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line)
        self.server.taken.append("\n".join(lines))  # type: ignore[attr-defined]
        self._say("250 taken")


@contextmanager
def _serving(handler: type[Any], **attributes: Any) -> Iterator[Any]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.taken = []  # type: ignore[attr-defined] # what the handlers got
    for name, value in attributes.items():
        setattr(server, name, value)
    with serving(server):
        yield server


@pytest.fixture
def sender() -> Iterator[ChannelSender]:
    with closing(ChannelSender(TELLER)) as found:
        yield found


def test_a_mail_arrives_in_both_parts(sender: ChannelSender) -> None:
    with _serving(_SMTPSession) as server:
        channel = MailChannel(
            name="c", host="127.0.0.1", port=server.server_address[1], sender="g@example",
            to=["noc@example"], tls=False,
        )  # fmt: skip
        assert sender.send(channel, (notice(),), "m1", NOW_MS).verdict is Verdict.DELIVERED
        refused = MailChannel(
            name="c", host="127.0.0.1", port=server.server_address[1], sender="g@example",
            to=["nobody@example"], tls=False,
        )  # fmt: skip
        judgement = sender.send(refused, (notice(),), "m2", NOW_MS)
        assert (judgement.verdict, judgement.why) == (
            Verdict.REFUSED,
            "the mail server refuses every recipient",
        )
    (mail,) = server.taken
    assert "Message-ID: <m1@example>" in mail


def test_a_mail_server_without_tls_gets_nothing_unless_it_is_allowed(
    sender: ChannelSender,
) -> None:
    with _serving(_SMTPSession) as server:
        channel = MailChannel(
            name="c", host="127.0.0.1", port=server.server_address[1], sender="g@example",
            to=["noc@example"],
        )  # fmt: skip
        assert sender.send(channel, (notice(),), "m1", NOW_MS).verdict is Verdict.AGAIN
    assert server.taken == []


class _SyslogSession(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        try:
            stream = server.context.wrap_socket(self.request, server_side=True)
        except ssl.SSLError:
            return
        with stream:
            while raw := stream.recv(65_536):
                server.taken.append(raw)


def test_syslog_speaks_tls_to_whom_it_trusts(sender: ChannelSender, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    with _serving(_SyslogSession, context=server_context(certificate, key)) as server:
        port = server.server_address[1]
        channel = SyslogChannel(name="c", host="127.0.0.1", port=port, ca_file=str(certificate))
        assert sender.send(channel, (notice(),), "m1", NOW_MS).verdict is Verdict.DELIVERED
        stranger = SyslogChannel(name="c", host="127.0.0.1", port=port)
        assert sender.send(stranger, (notice(),), "m2", NOW_MS).verdict is Verdict.AGAIN
        wait_until(lambda: bool(server.taken), "a line")
    assert b"olt.offline" in b"".join(server.taken)
    assert len(server.taken) == 1


def test_a_port_where_nobody_listens(sender: ChannelSender) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        channel = SyslogChannel(name="c", host="127.0.0.1", port=unused.getsockname()[1])
        assert sender.send(channel, (notice(),), "m", NOW_MS).verdict is Verdict.AGAIN


@contextmanager
def session(broker: Broker) -> Iterator[paho.Client]:
    """A client of the broker."""
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.username_pw_set(broker.worker.username, broker.worker.password)
    client.connect("127.0.0.1", broker.worker_port)
    client.loop_start()
    try:
        wait_until(client.is_connected, "a session")
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


@contextmanager
def subscriber(broker: Broker, topic: str, heard: list[bytes]) -> Iterator[None]:
    """Somebody who hears the payloads of a topic."""
    granted = threading.Event()
    with session(broker) as client:
        client.on_message = lambda _client, _data, message: heard.append(bytes(message.payload))
        client.on_subscribe = lambda *_: granted.set()
        client.subscribe(topic, qos=1)
        assert granted.wait(10)
        yield


RULES = ("pattern readwrite gigacity/safety/#", "pattern readwrite gigacity/alarms/#")


def _link(url: str, password: Secret, username: str, events: list[SafetyEvent]) -> BrokerLink:
    address = parse_url("GIGACITY_MQTT_URL", url, ("mqtt", "mqtts"))
    return BrokerLink(
        address, events.extend, client_id="gigacity-notify", username=username, password=password
    )


@pytest.fixture
def link(fresh_broker: Broker) -> Iterator[tuple[BrokerLink, list[SafetyEvent]]]:
    if not isinstance(fresh_broker, LocalBroker):
        pytest.skip("the access list of this broker is not the tests' to change")
    fresh_broker.allow_workers(*RULES)
    events: list[SafetyEvent] = []
    login = fresh_broker.worker
    found = _link(fresh_broker.worker_url, Secret(login.password), login.username, events)
    found.start()
    wait_until(lambda: found.is_connected, "a session")
    yield found, events
    found.stop()


def _publish(broker: Broker, topic: str, payload: bytes) -> None:
    login = broker.worker
    publish.single(
        topic, payload, qos=1, hostname="127.0.0.1", port=broker.worker_port,
        auth={"username": login.username, "password": login.password},
    )  # fmt: skip


def test_events_come_from_the_broker_and_what_is_none_is_counted(
    fresh_broker: Broker, link: tuple[BrokerLink, list[SafetyEvent]]
) -> None:
    found, events = link
    event = {"kind": "smoke_detector", "area": "371602", "community": "371602001001",
             "device": "smk-7", "ts": NOW_MS}  # fmt: skip
    topic = "gigacity/safety/371602/371602001001/smk-7"
    with logged("gigacity_notify.broker") as lines:
        for _ in range(3):
            _publish(fresh_broker, topic, b"{")
        wait_until(lambda: found.standing.bad_events == 3, "what is no event")
    assert [line["number"] for line in lines if line["event"] == "notify.event_not_read"] == [1, 2]
    _publish(fresh_broker, topic, json.dumps(event).encode())
    wait_until(lambda: bool(events), "the event")
    assert events == [SafetyEvent("smoke_detector", "371602", "371602001001", "smk-7", NOW_MS)]
    assert found.standing == BrokerStanding("", bad_events=3)


def test_open_alarms_are_retained_at_the_broker_until_they_clear(
    fresh_broker: Broker, link: tuple[BrokerLink, list[SafetyEvent]]
) -> None:
    found, _ = link
    sender = ChannelSender(TELLER, found.publish)
    channel = MQTTChannel(name="c")
    assert sender.send(channel, (notice(),), "m", NOW_MS).verdict is Verdict.DELIVERED
    login = fresh_broker.worker
    message = subscribe.simple(  # type: ignore[no-untyped-call] # paho's gap
        "gigacity/alarms/#", hostname="127.0.0.1", port=fresh_broker.worker_port,
        auth={"username": login.username, "password": login.password},
    )  # fmt: skip
    assert message.retain
    assert json.loads(message.payload)["alarm"] == notice().alarm
    over = sender.send(channel, (notice(act="clear"),), "m", NOW_MS)
    assert over.verdict is Verdict.DELIVERED


def test_a_broker_that_went_is_named(
    fresh_broker: Broker, link: tuple[BrokerLink, list[SafetyEvent]]
) -> None:
    found, _ = link
    with logged("gigacity_notify.broker") as lines:
        fresh_broker.stop()
        wait_until(lambda: "no connection" in found.standing.problem, "an attempt to connect")
        judgement = found.publish("gigacity/alarms/x/y", b"{}")
        assert judgement.verdict is Verdict.AGAIN
        assert judgement.why == found.standing.problem
        assert "check GIGACITY_MQTT_URL" in judgement.why
        fresh_broker.start()
        wait_until(lambda: not found.standing.problem, "a new session", timeout_s=30.0)
    problems = [line["problem"] for line in lines if line["event"] == "notify.broker"]
    assert f"the session at {fresh_broker.worker_url} ended: " in problems[0]
    assert problems[-1] == ""


def test_whoever_takes_the_session_is_told_of(
    fresh_broker: Broker, link: tuple[BrokerLink, list[SafetyEvent]]
) -> None:
    login = fresh_broker.worker
    other = _link(fresh_broker.worker_url, Secret(login.password), login.username, [])
    with logged("gigacity_notify.broker") as lines:
        other.start()
        try:
            wait_until(lambda: any(line["event"] == "notify.broker" for line in lines), "an end")
        finally:
            other.stop()
    problem = next(line["problem"] for line in lines if line["event"] == "notify.broker")
    assert problem.endswith("or another client uses the id gigacity-notify")


def test_a_wrong_password_is_said_and_not_shown(fresh_broker: Broker) -> None:
    login = fresh_broker.worker
    wrong = Secret("unmistakably-wrong", origin="GIGACITY_MQTT_PASSWORD_FILE=/x")
    found = _link(fresh_broker.worker_url, wrong, login.username, [])
    with logged("gigacity_notify.broker") as lines:
        found.start()
        try:
            wait_until(lambda: bool(lines), "a refusal")
            why = found.publish("gigacity/alarms/x/y", b"{}").why
        finally:
            found.stop()
    assert "refuses the session: Not authorized" in why
    assert "GIGACITY_MQTT_USERNAME and GIGACITY_MQTT_PASSWORD_FILE=/x" in why
    assert [(line["event"], line["problem"]) for line in lines] == [("notify.broker", why)]
    assert "unmistakably-wrong" not in f"{lines}"


def test_a_topic_that_the_access_list_withholds_is_refused(
    link: tuple[BrokerLink, list[SafetyEvent]],
) -> None:
    found, _ = link
    judgement = found.publish("elsewhere/x", b"{}")
    assert judgement.verdict is Verdict.REFUSED
    assert judgement.why.startswith("the broker refuses elsewhere/x: Not authorized")
    assert found.publish("gigacity/alarms/x/y", b"{}").verdict is Verdict.DELIVERED


def test_a_subscription_that_is_refused_is_said_and_asked_for_again(fresh_broker: Broker) -> None:
    front = RefusingFront(fresh_broker.worker_port)
    front.refuses = {"gigacity/safety/#"}
    login, events = fresh_broker.worker, list[SafetyEvent]()
    found = _link(f"mqtt://127.0.0.1:{front.port}", Secret(login.password), login.username, events)
    with logged("gigacity_notify.broker") as lines:
        found.start()
        try:
            wait_until(lambda: "subscription" in found.standing.problem, "a refusal")
            found.ask_again()
            wait_until(lambda: front.refusals == 2, "the second one")
            assert found.publish("gigacity/alarms/x/y", b"{}").verdict is Verdict.DELIVERED
            front.refuses = set()
            found.ask_again()
            wait_until(lambda: not found.standing.problem, "a grant")
        finally:
            found.stop()
            front.close()
    refused, granted = [line["problem"] for line in lines if line["event"] == "notify.broker"]
    assert "refuses the subscription of gigacity/safety/#: Not authorized" in refused
    assert granted == ""


def test_a_burst_of_events_is_taken_on_together_and_none_is_lost(fresh_broker: Broker) -> None:
    """Those that came while the last ones were written to disk wait for no turn of their own."""
    if not isinstance(fresh_broker, LocalBroker):
        pytest.skip("the access list of this broker is not the tests' to change")
    fresh_broker.allow_workers(*RULES)
    login, groups = fresh_broker.worker, list[list[SafetyEvent]]()

    def take(events: list[SafetyEvent]) -> None:
        groups.append(events)
        if len(groups) == 1 and len(events) > 1:
            raise RuntimeError("the disk is full, once")
        time.sleep(0.05)

    address = parse_url("GIGACITY_MQTT_URL", fresh_broker.worker_url, ("mqtt", "mqtts"))
    found = BrokerLink(
        address, take, client_id="gigacity-notify", username=login.username,
        password=Secret(login.password),
    )  # fmt: skip
    found.start()
    try:
        wait_until(lambda: found.is_connected and not found.standing.problem, "a session")
        payloads = [
            json.dumps({"kind": "smoke_detector", "area": "371602", "community": "371602001001",
                        "device": f"smk-{number}", "ts": NOW_MS})
            for number in range(100)
        ]  # fmt: skip
        with session(fresh_broker) as client:
            for raw in payloads:
                client.publish("gigacity/safety/371602/371602001001/x", raw, qos=1)
            wait_until(lambda: not client.want_write(), "them all on their way")
        names = {f"smk-{number}" for number in range(100)}
        wait_until(lambda: {e.device for group in groups for e in group} == names, "all of them")
    finally:
        found.stop()
    # A first group that failed came one by one once more.
    assert len(groups) < 70
    assert max(map(len, groups)) > 1


def test_a_trial_of_an_mqtt_channel_publishes_and_leaves_nothing_behind(
    fresh_broker: Broker, tmp_path: Path
) -> None:
    if not isinstance(fresh_broker, LocalBroker):
        pytest.skip("the access list of this broker is not the tests' to change")
    fresh_broker.allow_workers(*RULES)
    login = fresh_broker.worker
    file, password = tmp_path / "channels.yaml", tmp_path / "password"
    file.write_text(
        "version: 1\nchannels: [{name: topic, kind: mqtt}]\nroutes: [{to: [topic]}]\n",
        encoding="utf-8",
    )
    password.write_text(login.password, encoding="utf-8")

    def try_out(**more: str) -> tuple[int, str]:
        env = os.environ | {
            "GIGACITY_NOTIFY_CONFIG": str(file), "GIGACITY_STATE_DIR": str(tmp_path),
            "GIGACITY_MQTT_USERNAME": login.username,
            "GIGACITY_MQTT_PASSWORD_FILE": str(password),
        } | more  # fmt: skip
        command = [sys.executable, "-m", "gigacity_deploy", "notify", "test"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    heard: list[bytes] = []
    with subscriber(fresh_broker, "gigacity/alarms/#", heard):
        code, said = try_out(GIGACITY_MQTT_URL=fresh_broker.worker_url)
        assert (code, said) == (0, "topic: delivered\n")
        wait_until(lambda: len(heard) == 2, "the message, and that it is gone")
    assert json.loads(heard[0])["type"] == "trial"
    assert heard[1] == b""
    assert try_out() == (1, "topic: again: set GIGACITY_MQTT_URL for channels of kind mqtt\n")
    code, said = try_out(GIGACITY_MQTT_URL="mqtt://127.0.0.1:9")
    assert code == 1
    assert "check GIGACITY_MQTT_URL" in said
