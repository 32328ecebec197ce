"""A mail server that refuses for now, for ever, or only some."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from gigacity_contract.local_time import ZONE
from gigacity_notify.calls import Judgement, Verdict
from gigacity_notify.configuration import MailChannel
from gigacity_notify.senders import ChannelSender
from gigacity_notify.wording import Teller
from tests.support.http_double import serving, socket_service
from tests.support.notices import NOW_MS, notice


@contextmanager
def _server(answers: dict[str, str]) -> Iterator[int]:
    """A mail server that answers a line with such a text as it is told; its port."""

    known = answers if "QUIT" in answers else answers | {"QUIT": "221 bye"}

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 mail.example ESMTP\r\n")
            while line := self.rfile.readline().decode().strip().upper():
                answer = next((a for text, a in known.items() if text in line), "250 well")
                self.wfile.write(f"{'354 go on' if line == 'DATA' else answer}\r\n".encode())
                if line == "DATA":
                    while self.rfile.readline() != b".\r\n":
                        pass
                    self.wfile.write(b"250 taken\r\n")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
    server.daemon_threads = True
    with serving(server) as port:
        yield port


def _send(answers: dict[str, str]) -> Judgement:
    with _server(answers) as port:
        channel = MailChannel(
            name="c", host="127.0.0.1", port=port, sender="g@example",
            to=["noc@example", "chief@example"], tls=False,
        )  # fmt: skip
        with closing(ChannelSender(Teller(ZONE))) as sender:
            return sender.send(channel, (notice(),), "m1", NOW_MS)


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"RCPT": "450 greylisted"}, Verdict.AGAIN),
        ({"NOC@": "550 nobody", "CHIEF@": "452 mailbox full"}, Verdict.AGAIN),
        ({"RCPT": "550 nobody"}, Verdict.REFUSED),
        ({"MAIL": "451 busy"}, Verdict.AGAIN),
        ({"MAIL": "550 not from you"}, Verdict.REFUSED),
    ],
    ids=str,
)
def test_only_what_is_refused_for_ever_is_final(answers: dict[str, str], verdict: Verdict) -> None:
    assert _send(answers).verdict is verdict


def test_who_was_refused_is_told_and_the_others_get_it_once() -> None:
    assert _send({"CHIEF@": "550 nobody"}) == Judgement(
        Verdict.DELIVERED, "the mail server refuses 1 of 2 recipients: 550"
    )


def test_a_bad_farewell_makes_no_second_mail() -> None:
    assert _send({"QUIT": "421 hurry"}).verdict is Verdict.DELIVERED


def test_a_mail_server_that_drips_its_answer_ends_the_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gigacity_notify.senders.ATTEMPT_WITHIN_S", 0.3)

    def drip(connection: socket.socket) -> None:
        for _ in range(100):
            connection.sendall(b"5")
            time.sleep(0.05)

    started_s = time.monotonic()
    with socket_service(drip, hears=False) as port:
        channel = MailChannel(
            name="c", host="127.0.0.1", port=port, sender="g@example", to=["a@example"], tls=False
        )
        with closing(ChannelSender(Teller(ZONE))) as sender:
            judgement = sender.send(channel, (notice(),), "m1", NOW_MS)
    assert judgement == Judgement(Verdict.AGAIN, "cannot be reached: TimeoutError")
    assert time.monotonic() - started_s < 3
    assert "attempts" not in {thread.name for thread in threading.enumerate()}
