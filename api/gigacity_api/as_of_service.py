"""Answers questions of the past in a process of their own.

It is the application without evaluator and feeds, over the city versions that the serving process
keeps: a version is loaded once an instant of it is asked for. ``http.as_of_process`` begins it by
``as_of_child``; it answers whom that one let in, and ends with it.
"""

import asyncio
import gc
import os
import pickle
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import structlog
from fastapi import FastAPI

from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.http.app import create_app
from gigacity_api.http.asgi_frames import TAKEN, receive_message, send_message
from gigacity_api.http.callers import LetInKeys
from gigacity_api.http.context import Context
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.metrics import ApiMetrics
from gigacity_api.reports.log import DeclarationLog
from gigacity_api.settings import ApiSettings
from gigacity_api.storage.influx import InfluxStore
from gigacity_api.storage.kept_cities import KeptCities
from gigacity_city.model import Cadence, City, Name, Source, UrbanRule
from gigacity_city.registry import DeviceRegistry
from gigacity_contract.clock import Clock, SystemClock
from gigacity_contract.process.logs import configure_logs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message

MODULE = "gigacity_api.as_of_child"

_SIZE = struct.Struct(">I")

_NOBODY = City(
    version="", code="", name=Name("", ""), profile="", is_synthetic=False, areas=(),
    communities=(), buildings=(), olts=(), ports=(), coverage=(), gateways=(),
    devices=DeviceRegistry([]), targets=(), parameters=(), smart_items=(),
    urban=UrbanRule(frozenset(), frozenset(), frozenset(), Source("", "", confirmed=False)),
    cadence=Cadence(),
)  # fmt: skip
"""What is current here: nothing, since no question of the past asks for it."""

_log = structlog.get_logger("gigacity_api.as_of")


def given(settings: ApiSettings) -> bytes:
    """What the process reads first."""
    text = pickle.dumps(settings)
    return _SIZE.pack(len(text)) + text


@contextmanager
def past_application(settings: ApiSettings, clock: Clock) -> Iterator[FastAPI]:
    """The application, with nothing that runs behind it; it reads no file before it is asked."""
    with InfluxStore(settings.endpoint) as store:
        context = Context.over(
            cache=PublicationCache(Inventory(_NOBODY)), store=store,
            cities=KeptCities(settings.state_dir), keys=LetInKeys(), clock=clock,
            metrics=ApiMetrics(),
            evaluation=settings.evaluation, declarations=DeclarationLog(store, clock),
            takes_declarations=False, share_settings=settings.shares,
        )  # fmt: skip
        yield create_app(context)


async def serve(app: "ASGIApp", control: socket.socket) -> None:
    """Answer on every socket that is handed over; ends the process when the other side ends."""
    loop, over, answering = asyncio.get_running_loop(), asyncio.Event(), set()

    def take() -> None:
        told, found, _, _ = socket.recv_fds(control, 1, 1)
        if not told:
            over.set()
        if not found:
            # Of whoever asks while too many files are open: it is told that nobody answers.
            return
        task = loop.create_task(answer(app, socket.socket(fileno=found[0])))
        answering.add(task)
        task.add_done_callback(answering.discard)

    loop.add_reader(control, take)
    await over.wait()
    # What computes in a thread cannot be broken off otherwise.
    os._exit(0)


async def answer(app: "ASGIApp", connection: socket.socket) -> None:
    """Answer the one question of a connection; it ends when the other side hangs up."""
    reader, writer = await asyncio.open_connection(sock=connection)
    has_asked = False

    async def receive() -> "Message":
        nonlocal has_asked
        if has_asked:
            await reader.read(1)
            return {"type": "http.disconnect"}
        has_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: "Message") -> None:
        # Who has gone away is no fault of the application, which would log it as one.
        with suppress(ConnectionError):
            await send_message(writer, message)

    try:
        scope = await receive_message(reader)
        if scope is not None:
            await send_message(writer, TAKEN)
            await app(scope, receive, send)
    except Exception:  # noqa: BLE001, S110 - who asked has been told, and it is logged
        pass
    finally:
        writer.close()


def run() -> None:
    """Serve until standard input ends."""
    control = socket.socket(fileno=sys.stdin.fileno())
    (size,) = _SIZE.unpack(control.recv(_SIZE.size, socket.MSG_WAITALL))
    settings: ApiSettings = pickle.loads(control.recv(size, socket.MSG_WAITALL))  # noqa: S301 - ours
    configure_logs(settings.log_level)
    try:
        with past_application(settings, SystemClock()) as app:
            gc.collect()
            gc.freeze()
            asyncio.run(serve(app, control))
    except Exception as error:  # noqa: BLE001 - the last words of a process that answers nobody
        _log.critical("process of the past ends", reason=f"{type(error).__name__}: {error}")
        sys.exit(1)
