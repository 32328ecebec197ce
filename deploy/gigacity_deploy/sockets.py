"""Ports of this machine: find a free one, and know whose process listens on one.

A port that answers is no proof that *our* server runs: another program may hold it. The kernel's
table says which process does.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
_LISTEN = "0A"


def free_port(*besides: int) -> int:
    """A TCP port of the loopback interface that nobody holds at this moment.

    Args:
        besides: ports that are spoken for and not held yet; the kernel may offer one of them.
    """
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port = int(probe.getsockname()[1])
        if port not in besides:
            return port


def is_free(port: int) -> bool:
    """Whether the port can be bound on loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _listening_inodes(port: int) -> set[str]:
    wanted = f"{port:04X}"
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                columns = line.split()
                if columns[3] == _LISTEN and columns[1].rpartition(":")[2] == wanted:
                    inodes.add(columns[9])
    return inodes


def listens(pid: int, port: int) -> bool:
    """Whether this process itself holds the listening socket of the port."""
    wanted = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not wanted:
        return False
    try:
        descriptors = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208 - names only, many times a second
    except OSError:
        return False
    for name in descriptors:
        with suppress(OSError):
            if os.readlink(f"/proc/{pid}/fd/{name}") in wanted:  # noqa: PTH115 - not a path
                return True
    return False


def holder(port: int) -> str:
    """Who listens on the port, as far as this user may see: ``mosquitto (pid 12)``, or empty."""
    if not _listening_inodes(port):
        return ""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and listens(int(entry.name), port):
            with suppress(OSError):
                return f"{(entry / 'comm').read_text().strip()} (pid {entry.name})"
    return "another program"
