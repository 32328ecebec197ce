"""The consumers that can be compared: how each is started on one session and one database."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from gigacity_contract.errors import ConfigError
from gigacity_contract.influx import basic_auth
from gigacity_contract.topics import area_filter
from tests.bench.ingest.database import Target, write_url
from tests.bench.ingest.telegraf_config import TelegrafConfig, telegraf_conf
from tests.bench.ingest.wire import Login

ConsumerName = Literal["worker", "plain", "telegraf", "writer"]
CONSUMERS: tuple[ConsumerName, ...] = get_args(ConsumerName)
CEILING: ConsumerName = "writer"
"""Reads no queue: it posts ready bodies."""

_NOT_PASSED_ON = (
    "GIGACITY_MQTT_", "GIGACITY_INFLUX_", "GIGACITY_END_SESSION", "GIGACITY_TEST_",
)  # fmt: skip
"""The bench says itself where to read and write; what else tunes a worker is left to the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One queue to be drained by one consumer."""

    shape: str
    messages: int
    points: int
    client_id: str
    login: Login
    target: Target
    bucket: str
    folder: Path
    city: Path


def select_consumers(text: str) -> tuple[tuple[ConsumerName, ...], list[str]]:
    """The consumers of a comma list; empty: all that are installed. With remarks on those left out.

    Raises:
        ConfigError: an unknown name, or one that was asked for by name and is not installed.
    """
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    unknown = sorted(set(wanted) - set(CONSUMERS))
    if unknown:
        raise ConfigError(
            f"--consumer-list {unknown[0]}: choose from {', '.join(CONSUMERS)}, joined by commas"
        )
    missing = {name: why for name in CONSUMERS if (why := _what_lacks(name))}
    for name in wanted:
        if name in missing:
            raise ConfigError(f"--consumer-list {name}: {missing[name]}")
    chosen = [name for name in CONSUMERS if name in (wanted or CONSUMERS) and name not in missing]
    remarks = [f"{name} is left out: {why}" for name, why in missing.items() if not wanted]
    return tuple(chosen), remarks


def _what_lacks(name: ConsumerName) -> str:
    if name == "telegraf" and shutil.which("telegraf") is None:
        return "there is no telegraf on PATH"
    return ""


def command_of(name: ConsumerName, work: Work) -> tuple[list[str], dict[str, str]]:
    """Command line and environment of a consumer; writes what it reads into the work's folder."""
    if name == "worker":
        return [sys.executable, "-m", "gigacity_ingest", "ingest"], _worker_env(work, os.environ)
    if name == "plain":
        file = _private(work.folder / "plain.json", json.dumps(_plain_settings(work)))
        return [sys.executable, "-m", "tests.bench.ingest.plain", str(file)], dict(os.environ)
    file = _private(work.folder / "telegraf.conf", telegraf_conf(_telegraf(work), work.shape))
    return [shutil.which("telegraf") or "telegraf", "--config", str(file)], dict(os.environ)


def _private(file: Path, text: str) -> Path:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
    return file


def _worker_env(work: Work, environ: Mapping[str, str]) -> dict[str, str]:
    kept = {k: v for k, v in environ.items() if not k.startswith(_NOT_PASSED_ON)}
    login, target = work.login, work.target
    env = {
        "GIGACITY_MQTT_URL": f"mqtt://{login.host}:{login.port}",
        "GIGACITY_MQTT_CLIENT_ID": work.client_id,
        "GIGACITY_INFLUX_URL": target.url,
        "GIGACITY_INFLUX_BUCKET": work.bucket,
        "GIGACITY_CITY": str(work.city),
        "GIGACITY_STATE_DIR": str(work.folder / "state"),
        "GIGACITY_HTTP_LISTEN": "127.0.0.1:0",
    }
    if login.username:
        env["GIGACITY_MQTT_USERNAME"] = login.username
        env["GIGACITY_MQTT_PASSWORD"] = login.password
    if target.username:
        env["GIGACITY_INFLUX_USERNAME"] = target.username
        env["GIGACITY_INFLUX_PASSWORD"] = target.password.reveal()
    return kept | env


def _plain_settings(work: Work) -> dict[str, object]:
    target = work.target
    headers = {}
    if target.username:
        headers["Authorization"] = basic_auth(target.username, target.password)
    return {
        "host": work.login.host,
        "port": work.login.port,
        "username": work.login.username,
        "password": work.login.password,
        "client_id": work.client_id,
        "filter": area_filter(),
        "write_url": write_url(target, work.bucket),
        "headers": headers,
    }


def _telegraf(work: Work) -> TelegrafConfig:
    return TelegrafConfig(
        broker=f"tcp://{work.login.host}:{work.login.port}",
        client_id=work.client_id,
        mqtt_username=work.login.username,
        mqtt_password=work.login.password,
        influx_url=work.target.url,
        database=work.bucket,
        influx_username=work.target.username,
        influx_password=work.target.password.reveal(),
        messages=work.messages,
        points=work.points,
    )
