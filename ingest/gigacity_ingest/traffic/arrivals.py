"""One message as it came to a bystander."""

import msgspec


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """A message, with what the broker said of it."""

    at_ms: int
    """When it came, by this machine's clock."""
    topic: str
    payload: bytes
    qos: int = 1
    """The lower one of what it was published and subscribed with."""
    is_retained: bool = False
    """Whether its publisher asked the broker to retain it."""
    is_copy: bool = False
    """Retained before anybody listened here: how old it is, nothing tells."""
