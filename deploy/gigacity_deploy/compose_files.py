"""The broker's configuration inside docker-compose.yml: the same generator, other paths. Pure.

The files under ``deploy/compose/mosquitto`` are committed; a test checks that they are current::

    python -m gigacity_deploy.compose_files deploy/compose/mosquitto
"""

import sys
from pathlib import Path, PurePosixPath

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


def main(folder: Path) -> None:
    """Write the files."""
    for name, text in broker_files().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
