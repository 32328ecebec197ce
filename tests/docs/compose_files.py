"""The broker's configuration inside docker-compose.yml: the same generator, other paths. Pure."""

from pathlib import PurePosixPath

from gigacity_deploy.broker import BrokerConfig, Listener, TLSFiles, mosquitto_conf

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
    return {"mosquitto.conf": mosquitto_conf(CONFIG)}
