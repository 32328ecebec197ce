"""Sparkplug B's payload on the wire, by names and numbers of its specification (3.0, section 6.4).

What no reading is made of (data sets, templates, metadata) is declared only so far that its
presence is seen; protobuf skips the rest.
"""

from gigacity_ingest.formats.protobuf_schema import ProtobufField as Field
from gigacity_ingest.formats.protobuf_schema import message_classes

_CLASSES = message_classes(
    "gigacity.sparkplug_b",
    {
        "Opaque": (),
        "PropertyValue": (
            Field("type", 1, "uint32"),
            Field("is_null", 2, "bool"),
            Field("int_value", 3, "uint32"),
            Field("long_value", 4, "uint64"),
        ),
        "PropertySet": (
            Field("keys", 1, "string", is_repeated=True),
            Field("values", 2, "PropertyValue", is_repeated=True),
        ),
        "Metric": (
            Field("name", 1, "string"),
            Field("alias", 2, "uint64"),
            Field("timestamp", 3, "uint64"),
            Field("datatype", 4, "uint32"),
            Field("is_historical", 5, "bool"),
            Field("is_transient", 6, "bool"),
            Field("is_null", 7, "bool"),
            Field("properties", 9, "PropertySet"),
            Field("int_value", 10, "uint32", oneof="value"),
            Field("long_value", 11, "uint64", oneof="value"),
            Field("float_value", 12, "float", oneof="value"),
            Field("double_value", 13, "double", oneof="value"),
            Field("boolean_value", 14, "bool", oneof="value"),
            Field("string_value", 15, "string", oneof="value"),
            Field("bytes_value", 16, "bytes", oneof="value"),
            Field("dataset_value", 17, "Opaque", oneof="value"),
            Field("template_value", 18, "Opaque", oneof="value"),
            Field("extension_value", 19, "Opaque", oneof="value"),
        ),
        "Payload": (
            Field("timestamp", 1, "uint64"),
            Field("metrics", 2, "Metric", is_repeated=True),
            Field("seq", 3, "uint64"),
            Field("uuid", 4, "string"),
        ),
    },
)

RawPayload = message_classes(
    "gigacity.sparkplug_b_raw",
    {
        "RawPayload": (
            Field("timestamp", 1, "uint64"),
            Field("metrics", 2, "bytes", is_repeated=True),
            Field("seq", 3, "uint64"),
            Field("uuid", 4, "string"),
        ),
    },
)["RawPayload"]
"""The same, with metrics as they stand there."""
Payload = _CLASSES["Payload"]
"""One message: ``timestamp`` (when it was sent, ms), ``metrics``, ``seq`` 0 to 255."""
