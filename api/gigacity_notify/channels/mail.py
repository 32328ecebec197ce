"""E-mail: one message a group, in a thread of its alarm. Pure."""

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from gigacity_notify.configuration import MailChannel
from gigacity_notify.notice import AlarmNotice
from gigacity_notify.wording import Wording


def mail(
    channel: MailChannel, notices: Sequence[AlarmNotice], wording: Wording, message: str
) -> EmailMessage:
    """The message; answers of mail programs fold what is about one alarm into one thread.

    Args:
        channel: from whom to whom.
        notices: what is told.
        wording: the words.
        message: names this message: a repeated attempt has the same.
    """
    domain = channel.sender.rpartition("@")[2] or "gigacity"
    found = EmailMessage(policy=SMTP)
    # A name from the field must not begin a header of its own.
    found["Subject"] = " ".join(wording.subject.split())
    found["From"] = channel.sender
    found["To"] = ", ".join(channel.to)
    found["Message-ID"] = f"<{message}@{domain}>"
    if len(notices) == 1:
        found["References"] = f"<{notices[0].alarm}@{domain}>"
    found["List-Id"] = f"Gigacity alarms <alarms.{domain}>"
    found["Auto-Submitted"] = "auto-generated"
    found.set_content(wording.plain)
    return found
