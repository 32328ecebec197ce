"""Mosquitto's configuration as text: demo, tests and containers share this generator. Pure.

Tried on Mosquitto 2.0.11. Field and workers have a listener each, with accounts and an access list
of its own, so that no account of the field can take a worker's session. On the field's listener a
client id is the user name, whatever the client sends: a device can take over nobody's session but
its own, and has one. The queue of an absent worker is bounded by bytes rather than by a count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from gigacity_contract.decoding import MAX_PAYLOAD_BYTES

WORKER_USER = "gigacity-worker"
"""User name of the ingest workers; every other user name is an identity path of the contract."""

MAX_PACKET_BYTES = MAX_PAYLOAD_BYTES + 2**20
"""A little above what the worker takes: what is too large by that reaches it and is a dead letter.
More ends the connection, and the log says so; ``message_size_limit`` would send a PUBACK on 3.1.1
and drop the message (seen with 2.0.11)."""

MAX_QUEUED_MESSAGES = 100_000_000
MAX_INFLIGHT_MESSAGES = 1000
"""For publishers; a worker states its own bound (Receive Maximum) when it connects."""

SESSION_EXPIRY = "31d"
"""A session that nobody came back to is removed then. A worker asks for 30 days, which stays in
force; a device on MQTT 3.1.1 cannot ask, and its session would stay for ever."""

FIELD_ACCESS = """\
# The field: a publisher writes below its own identity path, which is its user name.
pattern write gigacity/v1/%u/#
"""
WORKER_ACCESS = """\
# Ingest workers read everything, and write events of life and safety alone; who tells people of
# alarms reads those, and writes alarms. A pattern, for whoever has an account here:
# after a restart, a user's rules are lost to a session that is not yet back when files are reread.
pattern read gigacity/v1/#
pattern readwrite gigacity/safety/#
pattern readwrite gigacity/alarms/#
"""


def access_list(own: str, foreign: Iterable[str] = ()) -> str:
    """An access list with the lines of foreign sources behind its own."""
    return own + "".join(f"{line}\n" for line in foreign)


@dataclass(frozen=True, slots=True)
class TLSFiles:
    """Server certificate and key, and optionally the authority that client certificates need."""

    certificate: PurePath
    key: PurePath


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Where one kind of client connects, and who may."""

    host: str
    port: int
    password_file: PurePath
    access_file: PurePath


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerConfig:
    """What differs from one broker to another."""

    field: Listener
    workers: Listener
    """Out of the field's reach: on loopback or a network of its own."""
    data_folder: PurePath
    run_as: str = ""
    """User to become when started as root; empty keeps Mosquitto's own choice."""
    tls: TLSFiles | None = None
    max_queued_bytes: int = 2 * 2**30
    autosave_interval_s: int = 300
    max_inflight_messages: int = MAX_INFLIGHT_MESSAGES


def mosquitto_conf(config: BrokerConfig) -> str:
    """The text of ``mosquitto.conf``."""
    lines = [
        "# Written by Gigacity (gigacity_deploy.broker).",
        "per_listener_settings true",
        "",
        "# What an absent worker has not fetched survives an orderly restart of the broker.",
        "persistence true",
        f"persistence_location {config.data_folder}/",
        f"autosave_interval {config.autosave_interval_s}",
        "",
        "# The default of 1000 messages drops the rest of an outage without a word; 0, no limit by",
        "# the manual, makes 2.0.18 to 2.0.21 close connections. The bytes are the true limit.",
        f"max_queued_messages {MAX_QUEUED_MESSAGES}",
        f"max_queued_bytes {config.max_queued_bytes}",
        f"max_inflight_messages {config.max_inflight_messages}",
        f"max_packet_size {MAX_PACKET_BYTES}",
        f"persistent_client_expiration {SESSION_EXPIRY}",
        "set_tcp_nodelay true",
        "",
        "# stdout into a pipe is block-buffered: it would show nothing. Subscriptions are logged:",
        "# no publisher has a reason to subscribe, and nothing keeps it from doing so.",
        "log_dest stderr",
        *(f"log_type {kind}" for kind in ("error", "warning", "notice", "subscribe")),
        "connection_messages false",
        *([f"user {config.run_as}"] if config.run_as else []),
        "",
        "# The field. A client id is the user name: nobody takes another's session, or has two.",
        *_listener_lines(config.field, config.tls),
        "use_username_as_clientid true",
        "",
        "# Workers. A worker chooses its client id, which names its session.",
        *_listener_lines(config.workers, config.tls),
    ]
    return "\n".join(lines) + "\n"


def _listener_lines(listener: Listener, tls: TLSFiles | None) -> list[str]:
    lines = [
        f"listener {listener.port} {listener.host}".rstrip(),
        "allow_anonymous false",
        f"password_file {listener.password_file}",
        f"acl_file {listener.access_file}",
    ]
    if tls:
        lines += [f"certfile {tls.certificate}", f"keyfile {tls.key}"]
    return lines
