"""The API's process beside the rig's database, for callers that misbehave."""

import json
import math
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from gigacity_api.keys import hash_key
from gigacity_deploy.processes import Child
from gigacity_deploy.sockets import free_port

READ_KEY = "gck_faults"
READY_S = 60.0
_TIMEOUT_S = 10.0


class Api:
    """Evaluates every few seconds; not started.

    Args:
        folder: for its state, its keys and its log.
        env: what it needs to find the database, and the city.
    """

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.port = free_port()
        keys = folder / "keys.jsonl"
        line = {"name": "slow", "sha256": hash_key(READ_KEY), "scopes": ["read"]}
        keys.write_text(json.dumps(line) + "\n", encoding="utf-8")
        settings = {
            "GIGACITY_STATE_DIR": str(folder / "api-state"),
            "GIGACITY_API_KEYS_FILE": str(keys),
            "GIGACITY_HTTP_LISTEN": f"127.0.0.1:{self.port}",
            "GIGACITY_EVALUATE_TICK_S": "5",
            "GIGACITY_EVALUATE_ALLOWED_LATENESS_S": "0",
        }
        argv = [sys.executable, "-m", "gigacity_deploy", "api"]
        self.child = Child("api", argv, log=folder / "api.log", env={**env, **settings})

    def until_ready(self) -> Iterator[float]:
        """Steps until it has figures, or until it will never have."""
        until_s = time.monotonic() + READY_S
        while time.monotonic() < until_s and not self._answers("/api/v1/scorecard"):
            yield 0.2

    def healthz_s(self) -> float:
        """How long its simplest page takes; infinite if it does not come."""
        began_s = time.monotonic()
        return time.monotonic() - began_s if self._answers("/healthz") else math.inf

    def _answers(self, path: str) -> bool:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        request.add_header("Authorization", f"Bearer {READ_KEY}")
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            error.close()
            return False
        except OSError:
            return False
