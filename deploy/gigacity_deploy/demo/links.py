"""What a person can open and try while the demo runs. Pure."""

from dataclasses import dataclass

from gigacity_city.model import City
from gigacity_contract.fields import KIND_FIELDS, FieldType
from gigacity_contract.topics import Message, device_identity, topic_of
from gigacity_deploy.sockets import LOOPBACK


@dataclass(frozen=True, slots=True)
class HandsOn:
    """A registered device that the simulation leaves to people."""

    identity: str
    kind: str


def find_hands_on(city: City) -> HandsOn | None:
    """The first such device that connects by itself; None if the city has none."""
    for row in city.devices.ranges:
        if row.ids.prefix.startswith("hands-on") and not row.gateway:
            area = city.community_by_code[row.community].area
            device = next(row.ids.ids())
            return HandsOn(device_identity(area, row.community, device), row.kind)
    return None


_EXAMPLE_VALUES = {FieldType.BOOLEAN: "false", FieldType.STRING: '"up"'}


def publish_example(port: int, device: HandsOn, password: str) -> str:
    """A reading published with nothing but ``mosquitto_pub``, ready to paste into a shell."""
    field = KIND_FIELDS[device.kind][0]
    value = _EXAMPLE_VALUES.get(field.type, "1")
    values = f'{{"{field.name}": {value}}}'
    payload = f'{{"ts": \'$(date +%s%3N)\', "kind": "{device.kind}", "values": {values}}}'
    return (
        f"mosquitto_pub -h {LOOPBACK} -p {port} -u {device.identity} -P {password} -q 1"
        f" -t {topic_of(device.identity, Message.TELEMETRY)} -m '{payload}'"
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
