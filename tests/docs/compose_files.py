"""The broker's configuration inside docker-compose.yml: the same generator, other paths. Pure."""

from dataclasses import replace
from pathlib import PurePosixPath

from gigacity_deploy.broker import BrokerConfig, Listener, TLSFiles, mosquitto_conf
from tests.docs.machines import MACHINES_GIB, machine_env, queue_bytes

_EVERYWHERE = "0.0.0.0"  # noqa: S104 - in its own network; docker-compose.yml says who reaches it
_ACCOUNTS = PurePosixPath("/run/gigacity-broker")
"""What ``gigacity credentials field`` writes."""

CONFIG = BrokerConfig(
    field=Listener(
        host=_EVERYWHERE,
        port=8883,
        password_file=_ACCOUNTS / "passwords",
        access_file=_ACCOUNTS / "access",
    ),
    workers=Listener(
        host=_EVERYWHERE,
        port=8884,
        password_file=_ACCOUNTS / "worker_passwords",
        access_file=_ACCOUNTS / "worker_access",
    ),
    data_folder=PurePosixPath("/mosquitto/data"),
    tls=TLSFiles(
        PurePosixPath("/run/secrets/tls_certificate"), PurePosixPath("/run/secrets/tls_key")
    ),
)


def broker_files() -> dict[str, str]:
    """Name and text of each file."""
    sized = {
        f"mosquitto-{gib}g.conf": mosquitto_conf(replace(CONFIG, max_queued_bytes=queue_bytes(gib)))
        for gib in MACHINES_GIB
    }
    return {"mosquitto.conf": mosquitto_conf(CONFIG), **sized}


def machine_files() -> dict[str, str]:
    """Name and text of the settings for each size of machine."""
    return {f"machine-{gib}g.env": machine_env(gib) for gib in MACHINES_GIB}
