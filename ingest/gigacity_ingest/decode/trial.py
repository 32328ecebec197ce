"""What the worker would make of one message: lines, dead letters, counts. Stores nothing. Pure."""

import msgspec

from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage


class TrialRefusal(msgspec.Struct):
    """One dead letter that would be kept."""

    reason: str
    extent: str
    """``message``, ``entry`` or ``partial``: how much of the message it takes away."""
    error: str


class Trial(msgspec.Struct):
    """The outcome of one message."""

    lines: list[str]
    """Line protocol as it would be written, times in ms: readings, then presence."""
    dead_letters: list[TrialRefusal]
    unknown_fields: int
    absent_fields: int

    @property
    def is_good(self) -> bool:
        """Whether all of it would be stored."""
        return not self.dead_letters


def try_message(decoder: Decoder, message: ReceivedMessage) -> Trial:
    """Decode a message as the worker does."""
    out = Outcome()
    decoder.decode(message, out)
    return Trial(
        [line.decode(errors="backslashreplace") for line in (*out.raw, *out.forever)],
        [
            TrialRefusal(letter.reason.value, letter.extent.value, letter.error)
            for letter in out.dead_letters
        ],
        out.unknown_fields,
        out.absent_fields,
    )
