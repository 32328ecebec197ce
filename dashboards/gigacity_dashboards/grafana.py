"""A running Grafana through grafana-client, the only place that imports it.

Every way in which the client fails becomes a ``GrafanaError`` that says what to do.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from grafana_client import GrafanaApi
from grafana_client.client import GrafanaException

from gigacity_contract.access import Address, Secret
from gigacity_dashboards.errors import GrafanaError

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Login:
    """A user and password, or a service account's token."""

    username: str
    secret: Secret

    def credential(self) -> str | tuple[str, str]:
        """In the client's form: text is a token."""
        plain = self.secret.reveal()
        return (self.username, plain) if self.username else plain


def _unwell(message: str) -> str:
    return (
        f"the data source is not well: {message}; check GIGACITY_INFLUX_URL, GIGACITY_INFLUX_BUCKET"
        " and GIGACITY_INFLUX_GRAFANA_USERNAME and _PASSWORD in Grafana's environment"
    )


class Grafana:
    """One server. Blocks on every call; close it at the end."""

    def __init__(self, address: Address, login: Login) -> None:
        host = f"[{address.host}]" if ":" in address.host else address.host
        self._address = address
        self._api = GrafanaApi(
            auth=login.credential(),
            host=host,
            port=address.port,
            # The client joins prefix and "api" without a slash.
            url_path_prefix=f"{address.path.strip('/')}/" if address.path else "",
            protocol=address.scheme,
            timeout=TIMEOUT_S,
            # Said here, since without the environment nobody reads it there.
            verify=os.environ.get("REQUESTS_CA_BUNDLE") or True,
        )
        # A proxy of the environment is for the way out, not for one's own Grafana.
        self._api.client.s.trust_env = False

    def close(self) -> None:
        """Close the connections."""
        self._api.client.s.close()

    def version(self) -> str:
        """Its version, from the health page.

        Raises:
            GrafanaError: it does not answer, or its own database is not well.
        """
        with self._said_plainly():
            health = self._mapping(self._api.health.check())
        if health.get("database") != "ok":
            raise GrafanaError(f"Grafana's own database is not well: {health}; see Grafana's log")
        return str(health.get("version", "unknown"))

    def data_source_message(self, uid: str) -> str:
        """What a healthy data source says of itself.

        Raises:
            GrafanaError: it is missing or not healthy.
        """
        try:
            with self._said_plainly():
                health = self._mapping(self._api.datasource.health(uid))
        except GrafanaError as error:
            if error.status == 400:
                raise GrafanaError(_unwell(str(error)), error.status) from error
            if error.status != 404:
                raise
            raise GrafanaError(
                f"no data source has the uid {uid}: mount deploy/grafana/provisioning as Grafana's"
                " provisioning folder and restart it",
                error.status,
            ) from error
        if health.get("status") != "OK":
            raise GrafanaError(_unwell(str(health.get("message"))))
        return str(health.get("message", ""))

    def dashboard(self, uid: str) -> dict[str, Any]:
        """The board as Grafana holds it.

        Raises:
            GrafanaError: no board has this uid.
        """
        try:
            with self._said_plainly():
                answer = self._mapping(self._api.dashboard.get_dashboard(uid))
        except GrafanaError as error:
            if error.status != 404:
                raise
            raise GrafanaError(
                f"no board has the uid {uid}: mount dashboards/generated at the folder that"
                " GIGACITY_DASHBOARDS_DIR names for Grafana",
                error.status,
            ) from error
        return dict(self._mapping(answer.get("dashboard")))

    def query(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Results by refId; a query's own error is in its result, not raised.

        Raises:
            GrafanaError: the request as a whole failed.
        """
        try:
            with self._said_plainly():
                answer = self._api.client.POST("/ds/query", json=dict(request))
        except GrafanaError as error:
            response = getattr(error.__cause__, "response", None)
            if not isinstance(response, dict) or "results" not in response:
                raise
            # 400 for a bad query; the good queries of the same request still carry their frames.
            answer = response
        return dict(self._mapping(self._mapping(answer).get("results")))

    def _mapping(self, answer: object) -> Mapping[str, Any]:
        if isinstance(answer, dict):
            return answer
        raise GrafanaError(
            f"{self._address} does not answer like Grafana; point GIGACITY_GRAFANA_URL at it"
        )

    @contextmanager
    def _said_plainly(self) -> Iterator[None]:
        try:
            yield
        except GrafanaException as error:
            raise self._refusal(error) from error
        except OSError as error:  # Of requests, too: its errors are all OSErrors.
            raise GrafanaError(
                f"Grafana does not answer at {self._address} ({type(error).__name__}): start it, or"
                " set GIGACITY_GRAFANA_URL"
            ) from error
        except ValueError as error:
            raise GrafanaError(
                f"{self._address} does not answer like Grafana ({error}); point"
                " GIGACITY_GRAFANA_URL at it"
            ) from error

    @staticmethod
    def _refusal(error: GrafanaException) -> GrafanaError:
        status = int(error.status_code)
        response = error.response
        said = response.get("message", response) if isinstance(response, dict) else response
        if status == 401:
            text = (
                "Grafana refuses the credentials: set GIGACITY_GRAFANA_USERNAME and _PASSWORD, or"
                " GIGACITY_GRAFANA_TOKEN"
            )
        elif status == 403:
            text = f"Grafana forbids this ({said}): give the user or token a role that may query"
        else:
            text = f"Grafana answered {status}: {said}"
        return GrafanaError(text, status)
