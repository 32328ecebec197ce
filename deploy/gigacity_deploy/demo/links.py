"""What a person can open and try while the demo runs."""

from dataclasses import dataclass

from gigacity_city.model import City
from gigacity_contract.fields import KIND_FIELDS, FieldType
from gigacity_contract.process.settings import field_password
from gigacity_contract.topics import MessageKind, device_identity, topic_of
from gigacity_deploy.demo.plan import DemoPlan
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
        f" -t {topic_of(device.identity, MessageKind.TELEMETRY)} -m '{payload}'"
    )


def links_of(plan: DemoPlan, device: HandsOn | None, *, has_grafana: bool) -> list[str]:
    """Lines with addresses and credentials of one demo; with an example if there is a device."""
    api = f"http://{LOOPBACK}:{plan.ports.api}"
    lines = [
        f"page     {api}/  the scorecard, in Chinese and English; no login",
        f"API      {api}/docs",
        f"         curl -H 'Authorization: Bearer {plan.secrets.api_key.reveal()}'"
        f" {api}/api/v1/scorecard",
        f"worker   http://{LOOPBACK}:{plan.ports.worker}/metrics  and  /ledger",
        f"logs     {plan.folder}/logs",
    ]
    if has_grafana:
        password = plan.secrets.value("grafana_admin").reveal()
        lines.append(
            f"Grafana  http://{LOOPBACK}:{plan.ports.grafana}  open to look at; to change:"
            f" admin / {password}"
        )
    if device is not None:
        password = field_password(plan.secrets.value("field"), device.identity).reveal()
        lines += ["publish a reading yourself:", publish_example(plan.ports.mqtt, device, password)]
    return lines
