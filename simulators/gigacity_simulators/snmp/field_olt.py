"""One OLT of a simulated city: its ports as they are, at any instant."""

from gigacity_city.model import City
from gigacity_contract.errors import ConfigError
from gigacity_contract.payloads import Port
from gigacity_simulators.models.pon import sample_port
from gigacity_simulators.publisher_directory import build_directory
from gigacity_simulators.world import World


class FieldOlt:
    """Samples the ports of an OLT.

    Args:
        city: where it is registered.
        olt: its id.
        seed: as that of ``gigacity simulate``.

    Raises:
        ConfigError: the city has no such OLT.
    """

    def __init__(self, city: City, olt: str, *, seed: int) -> None:
        ids = [one.id for one in city.olts]
        if olt not in ids:
            raise ConfigError(f"--olt {olt}: the city has {', '.join(ids[:5]) or 'no OLT'}...")
        directory = build_directory(city, seed=seed, pool=0)
        states = World(city, directory).ports
        self._ports = [
            (directory.port_keys[index], city.ports[index].key, states[index])
            for index in directory.ports_of[ids.index(olt)]
        ]

    def __len__(self) -> int:
        return len(self._ports)

    def ports(self, at_ms: int) -> list[Port]:
        """Every port, as it shows itself at this instant."""
        return [
            sample_port(model, key.slot, key.port, state, at_ms)
            for model, key, state in self._ports
        ]
