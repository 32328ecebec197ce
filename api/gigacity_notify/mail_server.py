"""One mail to a mail server, within a time for the whole of it."""

import contextlib
import smtplib
import socket
import ssl
import threading
from email.message import EmailMessage

from gigacity_notify.calls import DELIVERED, Judgement, Verdict
from gigacity_notify.configuration import MailChannel


class _BoundedSMTP(smtplib.SMTP):
    """A session that is ended when it takes too long: ``smtplib`` bounds each read alone."""

    def __init__(
        self, host: str, port: int, late: threading.Event, *, read_s: float, whole_s: float
    ) -> None:
        self._late, self._has_ended = late, threading.Event()
        threading.Thread(target=self._end_when_late, args=(whole_s,), daemon=True).start()
        try:
            super().__init__(host, port, timeout=read_s)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        self._has_ended.set()
        super().close()

    def _end_when_late(self, whole_s: float) -> None:
        pause_s = whole_s
        # Again and again: it may have been between two sockets, while it was sealed.
        while not self._has_ended.wait(pause_s):
            pause_s = 0.5
            self._late.set()
            if self.sock is not None:
                with contextlib.suppress(OSError):
                    # Not the sealed socket's own way, which takes its state from under a read.
                    socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def send_mail(
    channel: MailChannel, message: EmailMessage, password: str, *, read_s: float, whole_s: float
) -> Judgement:
    """Hand a mail over to the server.

    Args:
        channel: which server, as whom.
        message: what is sent.
        password: of the channel's account, if it has one.
        read_s: the longest silence.
        whole_s: after so long the session is ended.

    Raises:
        OSError: the server cannot be reached, or took too long.
        smtplib.SMTPException: what it answered.
    """
    late = threading.Event()
    try:
        return _hand_over(channel, message, password, late, read_s=read_s, whole_s=whole_s)
    except (OSError, smtplib.SMTPException) as error:
        # Half an answer may look like a refusal.
        if late.is_set():
            raise TimeoutError from error
        raise


def _hand_over(
    channel: MailChannel, message: EmailMessage, password: str, late: threading.Event, *,
    read_s: float, whole_s: float,
) -> Judgement:  # fmt: skip
    server = _BoundedSMTP(channel.host, channel.port, late, read_s=read_s, whole_s=whole_s)
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
