"""The ceiling: ready bodies of 5,000 lines, posted over as many connections as the worker has."""

import http.client
import os
import threading
import time
import urllib.parse
from collections.abc import Sequence

from isal import igzip

from gigacity_contract.errors import GigacityError
from gigacity_contract.influx import basic_auth
from tests.bench.ingest.database import Target, write_url
from tests.bench.ingest.drain_watch import Drain

CONNECTIONS = 2
LINES = 5000


class WriterError(GigacityError):
    """The database refused ready lines."""


def packed_bodies(lines: Sequence[str]) -> list[bytes]:
    """What is posted, compressed as the worker does it."""
    return [
        igzip.compress("\n".join(lines[at : at + LINES]).encode(), 1)
        for at in range(0, len(lines), LINES)
    ]


def write_bodies(target: Target, bucket: str, bodies: Sequence[bytes], messages: int) -> Drain:
    """Post everything; CPU time is that of the posting threads' process.

    Raises:
        WriterError: an answer other than 204, or none.
    """
    left = list(reversed(bodies))
    errors: list[str] = []
    threads = [
        threading.Thread(target=_post, args=(target, bucket, left, errors), daemon=True)
        for _ in range(CONNECTIONS)
    ]
    start, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    if errors:
        raise WriterError(f"bare writer (process {os.getpid()}): {errors[0]}")
    return Drain(seconds, used, 0.0, messages, "done")


def _post(target: Target, bucket: str, left: list[bytes], errors: list[str]) -> None:
    address = urllib.parse.urlsplit(target.url)
    path = write_url(target, bucket).removeprefix(f"{address.scheme}://{address.netloc}")
    headers = {"Content-Encoding": "gzip"}
    if target.username:
        headers["Authorization"] = basic_auth(target.username, target.password)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=120)
    try:
        while left and not errors:
            try:
                body = left.pop()
            except IndexError:  # The other thread took the last one.
                return
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 204:
                errors.append(f"status {answer.status}: {text[:300]!r}")
    except (OSError, http.client.HTTPException) as error:
        errors.append(f"{type(error).__name__}: {error}")
    finally:
        connection.close()
