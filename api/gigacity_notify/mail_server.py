"""One mail to a mail server, within the time of its attempt."""

import contextlib
import smtplib
import socket
import ssl
from email.message import EmailMessage

from gigacity_notify.attempts import Attempt
from gigacity_notify.calls import DELIVERED, Judgement, Verdict
from gigacity_notify.configuration import MailChannel


class _WatchedSMTP(smtplib.SMTP):
    """A session within an attempt: ``smtplib`` bounds each read alone."""

    def __init__(self, host: str, port: int, attempt: Attempt, read_s: float) -> None:
        self._attempt = attempt
        try:
            super().__init__(host, port, timeout=read_s)
        except BaseException:
            self.close()
            raise

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._attempt.connect(host, port, timeout)


def send_mail(
    channel: MailChannel, message: EmailMessage, password: str, attempt: Attempt, *, read_s: float
) -> Judgement:
    """Hand a mail over to the server.

    Args:
        channel: which server, as whom.
        message: what is sent.
        password: of the channel's account, if it has one.
        attempt: whose time it takes.
        read_s: the longest silence.

    Raises:
        OSError: the server cannot be reached, or took too long.
        smtplib.SMTPException: what it answered.
    """
    server = _WatchedSMTP(channel.host, channel.port, attempt, read_s)
    try:
        if channel.tls:
            server.starttls(context=ssl.create_default_context())
        if channel.username:
            server.login(channel.username, password)
        refused = server.send_message(message)
    finally:
        # The mail is taken or it is not, whatever becomes of the farewell.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()
    if not refused:
        return DELIVERED
    # The others have it: a second attempt would tell them twice.
    codes = ", ".join(sorted({str(code) for code, _ in refused.values()}))
    why = f"the mail server refuses {len(refused)} of {len(channel.to)} recipients: {codes}"
    return Judgement(Verdict.DELIVERED, why)
