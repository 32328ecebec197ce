"""Acknowledgements that a process has sent, read from the kernel: netlink's ``sock_diag`` of Linux.

The bytes that left a consumer's socket towards the broker are its CONNECT, its SUBSCRIBE and then
4 bytes for every PUBACK. So the end of a drain is seen to the poll, without asking the consumer or
the broker anything, and in the same way for every program.
"""

import os
import socket
import struct
from contextlib import suppress
from typing import NamedTuple

from gigacity_contract.errors import ConfigError

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLM_REQUEST_DUMP = 0x301
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_ESTABLISHED = 1
_INET_DIAG_INFO = 2
_MESSAGE_BYTES = 72
"""``struct inet_diag_msg``, before its attributes."""
_BYTES_ACKED_AT = 120
"""Of ``tcpi_bytes_acked`` in ``struct tcp_info``; there since Linux 4.1."""
_PORTS_AT, _INODE_AT = 4, 68
_SYN_BYTES = 1
"""The kernel counts the opening of a connection as one byte."""
PUBACK_BYTES = 4


class SocketSeen(NamedTuple):
    """One established TCP socket of this machine."""

    remote_port: int
    inode: int
    bytes_acked: int


def established(remote_port: int) -> list[SocketSeen]:
    """Sockets connected to this port.

    Raises:
        ConfigError: this kernel does not tell.
    """
    found: list[SocketSeen] = []
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as netlink:
            for family in (socket.AF_INET, socket.AF_INET6):
                netlink.send(_request(family))
                while _take(netlink.recv(1 << 18), found):
                    continue
    except (AttributeError, OSError) as error:
        raise ConfigError(f"the bench needs Linux's sock_diag to watch sockets: {error}") from error
    return [seen for seen in found if seen.remote_port == remote_port]


def _request(family: int) -> bytes:
    """``struct nlmsghdr`` and ``struct inet_diag_req_v2``: all established, with tcp_info."""
    wanted = struct.pack(
        "=BBBBI48s", family, socket.IPPROTO_TCP, 1 << (_INET_DIAG_INFO - 1), 0,
        1 << _ESTABLISHED, b"",
    )  # fmt: skip
    header = struct.pack("=IHHII", 16 + len(wanted), _SOCK_DIAG_BY_FAMILY, _NLM_REQUEST_DUMP, 1, 0)
    return header + wanted


def _take(data: bytes, found: list[SocketSeen]) -> bool:
    """Read the messages of one datagram; false at the end of the dump."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from("=IH", data, at)
        if kind == _NLMSG_DONE:
            return False
        if kind == _NLMSG_ERROR:
            code = -struct.unpack_from("=i", data, at + 16)[0]
            raise OSError(code, os.strerror(code))
        found.append(_read(data[at + 16 : at + size]))
        at += (size + 3) & ~3
    return True


def _read(message: bytes) -> SocketSeen:
    _, remote = struct.unpack_from("!HH", message, _PORTS_AT)
    (inode,) = struct.unpack_from("=I", message, _INODE_AT)
    acked, at = 0, _MESSAGE_BYTES
    while at + 4 <= len(message):
        size, kind = struct.unpack_from("=HH", message, at)
        if kind == _INET_DIAG_INFO and size >= 4 + _BYTES_ACKED_AT + 8:
            (acked,) = struct.unpack_from("=Q", message, at + 4 + _BYTES_ACKED_AT)
        at += max(4, (size + 3) & ~3)
    return SocketSeen(remote, inode, acked)


def inodes_of(pid: int) -> set[int]:
    """Inodes of the sockets that a process holds; empty if it has ended."""
    found = set()
    with suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208 - names only
            with suppress(OSError):
                target = os.readlink(f"/proc/{pid}/fd/{name}")  # noqa: PTH115 - not a path
                if target.startswith("socket:["):
                    found.add(int(target[8:-1]))
    return found


def bytes_sent(pid: int, remote_port: int) -> int | None:
    """Bytes that arrived from this process at the port; None while it is not connected."""
    candidates = established(remote_port)
    if not candidates:
        return None
    held = inodes_of(pid)
    sent = [seen.bytes_acked for seen in candidates if seen.inode in held]
    return max(sent) - _SYN_BYTES if sent else None
