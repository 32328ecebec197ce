"""Asking an edge node to say its births again, as seldom as serves."""

from gigacity_ingest.formats.gathering import Gathering
from gigacity_ingest.formats.sparkplug_b.schema import Payload
from gigacity_ingest.formats.sparkplug_b.topic import NAMESPACE, SparkplugMessage

ASK_EVERY_MS = 60_000
_MAX_ASKED = 10_000
"""Nodes asked within a minute; beyond it nobody is asked until some of them may be again."""
_BOOLEAN = 11


class RebirthRequests:
    """Who was asked when."""

    def __init__(self) -> None:
        self._asked_ms: dict[tuple[str, str], int] = {}

    def ask(self, node: tuple[str, str], now_ms: int, gathering: Gathering) -> None:
        """Add the request, unless the node was asked less than a minute ago."""
        asked_ms = self._asked_ms.get(node)
        # A wall clock that was set back must not silence requests.
        if asked_ms is not None and 0 <= now_ms - asked_ms < ASK_EVERY_MS:
            return
        if len(self._asked_ms) >= _MAX_ASKED:
            self._forget(now_ms)
            if len(self._asked_ms) >= _MAX_ASKED:
                return
        self._asked_ms[node] = now_ms
        group, edge_node = node
        topic = f"{NAMESPACE}/{group}/{SparkplugMessage.NCMD}/{edge_node}"
        gathering.answer_bytes(topic, rebirth_command(now_ms))

    def _forget(self, now_ms: int) -> None:
        self._asked_ms = {
            node: at_ms
            for node, at_ms in self._asked_ms.items()
            if 0 <= now_ms - at_ms < ASK_EVERY_MS
        }


def rebirth_command(now_ms: int) -> bytes:
    """The body of the NCMD that asks for all births."""
    payload = Payload(timestamp=now_ms)
    payload.metrics.add(
        name="Node Control/Rebirth", timestamp=now_ms, datatype=_BOOLEAN, boolean_value=True
    )
    body: bytes = payload.SerializeToString()
    return body
