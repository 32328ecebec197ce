"""The text of an error answer, whatever its shape."""

import msgspec

_LOG_LENGTH = 500


class _ErrorBody(msgspec.Struct):
    """``{"error": text}`` on 1.x and openGemini, ``{"code", "message"}`` on 2.x."""

    error: str = ""
    message: str = ""


_DECODER = msgspec.json.Decoder(_ErrorBody)


def error_text(body: bytes) -> str:
    """The error or message of a JSON answer; else the body itself, as text."""
    try:
        decoded = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return body.decode(errors="replace").strip()
    return decoded.error or decoded.message


def shorten(text: str) -> str:
    """Short enough for a log line; a batch of bad lines is named in full, without limit."""
    return text if len(text) <= _LOG_LENGTH else text[: _LOG_LENGTH - 1] + "…"
