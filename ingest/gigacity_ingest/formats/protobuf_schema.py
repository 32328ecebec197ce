"""Message classes of public protobuf schemas, made when the module is imported.

A schema stands here as a table of names, numbers and types, which is all that its wire format
has; no compiler and no generated file is needed. Presence is explicit, and text that is not UTF-8
makes a message unreadable.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from gigacity_contract.decoding import PayloadError, RejectionReason

_FIELD = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "bool": _FIELD.TYPE_BOOL,
    "bytes": _FIELD.TYPE_BYTES,
    "double": _FIELD.TYPE_DOUBLE,
    "float": _FIELD.TYPE_FLOAT,
    "int32": _FIELD.TYPE_INT32,
    "int64": _FIELD.TYPE_INT64,
    "string": _FIELD.TYPE_STRING,
    "uint32": _FIELD.TYPE_UINT32,
    "uint64": _FIELD.TYPE_UINT64,
}


class ProtobufField(NamedTuple):
    """One field of a message."""

    name: str
    number: int
    type: str
    """A scalar of protobuf, or the name of another message of the schema."""
    is_repeated: bool = False
    oneof: str = ""


ProtobufSchema = Mapping[str, Sequence[ProtobufField]]
"""Fields by message. A map is a repeated message of ``key`` 1 and ``value`` 2, as on the wire."""


def message_classes(package: str, schema: ProtobufSchema) -> dict[str, Any]:
    """The class of every message, by its name; they share no pool with anybody else's."""
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{package}.proto",
        package=package,
        syntax="editions",
        edition=descriptor_pb2.EDITION_2023,
    )
    for name, fields in schema.items():
        _add_message(file, package, name, fields)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))
        for name in schema
    }


def parse_protobuf(message_class: Any, payload: bytes, what: str) -> Any:
    """A message from its bytes.

    Raises:
        PayloadError: the bytes are no such message, or nest deeper than 100.
    """
    try:
        return message_class.FromString(payload)
    except DecodeError as error:
        raise PayloadError(
            RejectionReason.BAD_ENVELOPE, f"not a protobuf message of {what}: {error}"
        ) from error


def _add_message(
    file: descriptor_pb2.FileDescriptorProto,
    package: str,
    name: str,
    fields: Sequence[ProtobufField],
) -> None:
    message = file.message_type.add(name=name)
    oneofs = list(dict.fromkeys(field.oneof for field in fields if field.oneof))
    for oneof in oneofs:
        message.oneof_decl.add(name=oneof)
    for field in fields:
        made = message.field.add(name=field.name, number=field.number)
        made.label = _FIELD.LABEL_REPEATED if field.is_repeated else _FIELD.LABEL_OPTIONAL
        if field.oneof:
            made.oneof_index = oneofs.index(field.oneof)
        if field.type in _SCALARS:
            made.type = _SCALARS[field.type]
        else:
            made.type, made.type_name = _FIELD.TYPE_MESSAGE, f".{package}.{field.type}"
