"""What a person can open and try while the demo runs. Pure."""

from dataclasses import dataclass

from gigacity_deploy.sockets import LOOPBACK


def publish_example(port: int, identity: str, password: str, *, kind: str, values: str) -> str:
    """A reading published with nothing but ``mosquitto_pub``, ready to paste into a shell."""
    payload = f'{{"ts":\'$(date +%s%3N)\',"kind":"{kind}","values":{values}}}'
    return (
        f"mosquitto_pub -V 5 -h {LOOPBACK} -p {port} -q 1 -u {identity} -P {password}"
        f" -t gigacity/v1/{identity}/telemetry -m '{payload}'"
    )


@dataclass(frozen=True, kw_only=True)
class Links:
    """Addresses and credentials of one demo."""

    api_port: int
    worker_port: int
    api_key: str
    folder: str
    grafana_port: int | None = None
    grafana_password: str = ""
    hands_on: str = ""
    """The ready example; empty if the city has no such device."""

    def lines(self) -> list[str]:
        """One line each."""
        api = f"http://{LOOPBACK}:{self.api_port}"
        lines = [
            f"API      {api}/docs",
            f"         curl -H 'Authorization: Bearer {self.api_key}' {api}/api/v1/scorecard",
            f"worker   http://{LOOPBACK}:{self.worker_port}/metrics  and  /ledger",
            f"logs     {self.folder}/logs",
        ]
        if self.grafana_port:
            lines.append(
                f"Grafana  http://{LOOPBACK}:{self.grafana_port}  admin / {self.grafana_password}"
            )
        if self.hands_on:
            lines += ["publish a reading yourself:", self.hands_on]
        return lines
