"""Finds out whether the database can be written, and makes what is missing if rights allow."""

from collections.abc import Callable
from contextlib import suppress

from gigacity_contract.errors import GigacityError, UnknownServerError
from gigacity_contract.influx import Denied, Server, Written
from gigacity_contract.measurements import FRESH, POLICIES
from gigacity_ingest.influx.writer import InfluxWriter

Create = Callable[[Server], None]


class Storage:
    """The database as a worker needs it.

    Args:
        writer: of the worker, with its credentials.
        bucket: its name, for messages.
        create: makes database and policies with the worker's own rights; raises GigacityError.
    """

    def __init__(self, writer: InfluxWriter, *, bucket: str, create: Create) -> None:
        self._writer = writer
        self._bucket = bucket
        self._create = create
        self.server = ""

    def ensure(self) -> str:
        """Reach the server and probe every policy; empty if all can be written, else why not."""
        try:
            server = self._writer.ping()
        except UnknownServerError as error:
            return str(error)
        self.server = str(server)
        problem, is_denied = self._probe()
        if is_denied:
            try:
                self._create(server)
            except GigacityError as error:
                return (
                    f"{problem}; it cannot be made with these credentials ({error}). Run"
                    " `gigacity provision` with an administrator's credentials, then give the"
                    " worker those that it made"
                )
            problem, _ = self._probe()
        if not problem:
            self._look_for_fresh(server)
        return problem

    def _look_for_fresh(self, server: Server) -> None:
        """Make what only followers need; without it they read more, and nothing else is wrong."""
        outcome = self._writer.write(FRESH.name, FRESH.precision, [])
        if isinstance(outcome, Denied):
            with suppress(GigacityError):
                self._create(server)

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    def _probe(self) -> tuple[str, bool]:
        """What is wrong with writing, and whether rights or storage are missing.

        Both servers look for the policy before they look at an empty body.
        """
        for policy in (policy for policy in POLICIES if policy is not FRESH):
            outcome = self._writer.write(policy.name, policy.precision, [])
            if not isinstance(outcome, Written):
                text = f"cannot write to {self._bucket}, policy {policy.name}: {outcome.message}"
                return text, isinstance(outcome, Denied)
        return "", False
