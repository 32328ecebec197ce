"""The database of the bench: filled once into a folder, and asked as often as one likes."""

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

from gigacity_deploy.servers import InfluxProcess
from gigacity_deploy.sockets import free_port
from tests.support.processes import LocalInflux, start_local_influx
from tests.support.processes_external import INFLUX, external_influx
from tests.support.processes_influx import InfluxServer

LINES_PER_POST, BYTES_PER_POST = 20_000, 8_000_000
_WAITING_POSTS = 4
_TRIES, _PAUSE_S = 20, 5.0


class BoardsStore:
    """A database, and what is known of what it holds."""

    def __init__(self, server: InfluxServer, file: Path, told: dict[str, Any]) -> None:
        self.server = server
        self._file = file
        self.told = told
        """``t_ms`` once it is filled: the newest instant."""

    def remember(self, **told: object) -> None:
        """Keep it for the next run, the secrets of the database included."""
        self.told |= told
        server = self.server
        login = {
            "url": server.url, "flavour": server.flavour, "org": server.org,
            "admin_username": server.admin_username, "admin_secret": server.admin_secret,
            "bucket": server.bucket, "secrets_of": server.secrets_of, "prefix": server.prefix,
        }  # fmt: skip
        self._file.touch(mode=0o600)
        self._file.write_text(json.dumps({"login": login, "told": self.told}))


@contextmanager
def opened(folder: Path) -> Iterator[BoardsStore]:
    """The database of a folder; another folder's is another one.

    It is InfluxDB 1.x of the bench's own, or the one that the environment names as for tests
    (``GIGACITY_TEST_INFLUX_URL``), in which the bench leaves a bucket of its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "store.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    if not known:
        external = external_influx(os.environ)
        server: InfluxServer = external or start_local_influx(folder / "influx")
    elif os.environ.get(f"{INFLUX}URL"):
        server = InfluxServer(**known["login"])
    else:
        process = InfluxProcess(folder / "influx", port=free_port(), log=folder / "influxd.log")
        process.start()
        server = LocalInflux(**known["login"] | {"url": process.url}, process=process)
    try:
        yield BoardsStore(server, file, known.get("told", {}))
    finally:
        if isinstance(server, LocalInflux):
            server.stop()


class Posting:
    """Posts lines, two requests at a time; the first that is refused ends it all."""

    def __init__(self, server: InfluxServer) -> None:
        self._server = server
        self._pool = ThreadPoolExecutor(max_workers=2)
        self._under_way: set[Future[int]] = set()
        self.lines = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown()
        self._settle(0)

    def send(self, policy: str, lines: Iterator[bytes], precision: str = "ms") -> None:
        """Lines of one retention policy, in requests that every server takes."""
        waiting: list[bytes] = []
        size = 0
        for line in lines:
            waiting.append(line)
            size += len(line)
            if len(waiting) == LINES_PER_POST or size > BYTES_PER_POST:
                self._post(policy, waiting, precision)
                waiting, size = [], 0
        if waiting:
            self._post(policy, waiting, precision)

    def _post(self, policy: str, lines: list[bytes], precision: str) -> None:
        self.lines += len(lines)
        self._settle(_WAITING_POSTS)
        self._under_way.add(self._pool.submit(self._write, b"\n".join(lines), policy, precision))

    def _write(self, body: bytes, policy: str, precision: str) -> int:
        for left in reversed(range(_TRIES)):
            answer = self._server.write(body, policy, precision)
            if answer.status == HTTPStatus.NO_CONTENT:
                break
            # A database that cannot keep pace says so; the same lines may be written again.
            is_busy = left and b"timeout" in answer.body
            assert is_busy, answer.body[:300]
            time.sleep(_PAUSE_S)
        return len(body)

    def _settle(self, most: int) -> None:
        while len(self._under_way) > most:
            done, self._under_way = wait(self._under_way, return_when="FIRST_COMPLETED")
            for future in done:
                future.result()
