"""EMQX Neuron: groups of tags that it polled, as values, as tags, or in ECP's form.

``errors`` stand beside values: a tag that failed is absent, and counted. Sources: docs.emqx.com
neuron configuration/north-apps/mqtt/api, versions 2.0 to latest.
"""

from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import read_body_object
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import EMPTY, Gathering, identity
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

NODE, GROUP = "node", "group"
TAG_ERROR, HEARTBEAT = "tag_error", "heartbeat"


class NeuronDecoder:
    """Reads one group a message: the node and the group name the object.

    Args:
        times: how ``timestamp`` is written.
    """

    def __init__(self, times: TimeRule) -> None:
        self._times = times

    def decode(self, message: ForeignMessage) -> Decoded:
        """The reading of one message.

        Raises:
            PayloadError: no JSON, without its node, or neither values nor tags.
        """
        body = read_body_object(message.payload)
        gathering = Gathering()
        if "states" in body and "values" not in body and "tags" not in body:
            # Said again and again, of drivers and not of what they read.
            gathering.ignore(HEARTBEAT)
            return gathering.finish()
        node = identity(body.get("node", body.get("node_name")))
        group = identity(body.get("group", body.get("group_name")))
        if node is None or group is None:
            raise PayloadError(RejectionReason.BAD_ENVELOPE, "node, group: expected names")
        values = self._values_of(gathering, body)
        if values:
            time_ms = self._times.instant_ms(body.get("timestamp"))
            gathering.add({NODE: node, GROUP: group}, values, time_ms)
        else:
            gathering.ignore(EMPTY)
        return gathering.finish()

    def _values_of(self, gathering: Gathering, body: dict[str, Any]) -> dict[str, Any]:
        values, tags, errors = body.get("values"), body.get("tags"), body.get("errors")
        if isinstance(errors, dict) and errors:
            gathering.ignore(TAG_ERROR, len(errors))
            if isinstance(values, dict):
                # A value beside its error is the one of before.
                values = {name: value for name, value in values.items() if name not in errors}
        if isinstance(values, dict):
            return values
        if not isinstance(tags, list):
            raise PayloadError(RejectionReason.BAD_ENVELOPE, "expected values or a list of tags")
        found: dict[str, Any] = {}
        for index, tag in enumerate(tags):
            name = identity(tag.get("name")) if isinstance(tag, dict) else None
            if name is None:
                gathering.refuse(f"tags[{index}]", "a tag with a name", tag)
            elif "value" in tag and not tag.get("error"):
                found[name] = tag["value"]
            else:
                gathering.ignore(TAG_ERROR)
        return found


def _make(dialect: Dialect, times: TimeRule) -> NeuronDecoder:
    check_keys(dialect, ())
    return NeuronDecoder(times)


FORMAT = Format(
    "neuron",
    _make,
    "EMQX Neuron: values, tags and ECP form",
    "EMQX Neuron：values、tags 与 ECP 格式",
)
