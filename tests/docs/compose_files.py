"""The broker's configuration inside docker-compose.yml: the same generator, other paths. Pure."""

from pathlib import PurePosixPath

from gigacity_deploy.broker import ACCESS_LIST, BrokerConfig, TLSFiles, mosquitto_conf

CONFIG = BrokerConfig(
    host="0.0.0.0",  # noqa: S104 - inside its own network; docker-compose.yml says who reaches it
    port=8883,
    data_folder=PurePosixPath("/mosquitto/data"),
    password_file=PurePosixPath("/run/gigacity-broker/passwords"),
    access_file=PurePosixPath("/etc/gigacity/access"),
    tls=TLSFiles(
        PurePosixPath("/run/secrets/tls_certificate"), PurePosixPath("/run/secrets/tls_key")
    ),
)


def broker_files() -> dict[str, str]:
    """Name and text of each file."""
    return {"mosquitto.conf": mosquitto_conf(CONFIG), "access": ACCESS_LIST}
