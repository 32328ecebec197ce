"""``gigacity record`` and ``gigacity replay``: traffic of a broker into a file, and back again."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gigacity_contract.process.options import options_of
from gigacity_ingest.commands.message_input import JSONOption, print_json
from gigacity_ingest.settings import BrokerSettings

if TYPE_CHECKING:
    from gigacity_ingest.adapters.broker_publisher import BrokerPublisher
    from gigacity_ingest.traffic.playing import Playing, Shifter

app = typer.Typer()
_MEBIBYTE = 2**20
_MAX_NAMED = 10


@app.command(
    epilog="Example: gigacity record storm.jsonl --filter 'gigacity/v1/371602/#' --minutes 10"
    " --mqtt-url mqtt://127.0.0.1:1884 --mqtt-username gigacity-worker"
)
@options_of(BrokerSettings)
def record(
    target: Annotated[Path, typer.Argument(help="File to make; it is never overwritten.")],
    *,
    filters: Annotated[
        list[str] | None, typer.Option("--filter", help="Topics; default: gigacity/v1/#.")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.01, help="How long at most.")] = 5.0,
    max_mb: Annotated[int, typer.Option(min=1, max=100_000, help="How large at most, MiB.")] = 256,
    as_json: JSONOption = False,
    given: BrokerSettings,
) -> None:
    """Record what is published: topic, payload, QoS, retained flag and time of arrival.

    What the broker has retained comes first, marked as a copy. Takes no message from anybody. The
    file holds what devices say: keep it as you keep that. Ctrl-C ends it. Exits with 0 if there is
    a recording, with 1 if it had to end before its time because it was full.
    """
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415 - keeps --help quick
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415
    from gigacity_ingest.adapters.broker_listener import take_traffic  # noqa: PLC0415
    from gigacity_ingest.adapters.recording_file import RecordingWriter  # noqa: PLC0415
    from gigacity_ingest.worker_config import visitor_endpoint  # noqa: PLC0415

    wanted = tuple(filters or ("gigacity/v1/#",))
    clock = SystemClock()
    until_s = clock.monotonic_s() + minutes * 60
    try:
        writer = RecordingWriter(target, max_mb * _MEBIBYTE, clock.now_ms(), wanted)
    except OSError as error:
        text = "exists already; name a new file" if target.exists() else error.strerror
        raise ConfigError(f"{target}: {text}") from error
    with writer:
        losses = take_traffic(
            visitor_endpoint(given, wanted),
            clock,
            writer.take,
            is_done=lambda: writer.is_full or clock.monotonic_s() >= until_s,
            begin=lambda: _say(f"recording {', '.join(wanted)} into {target}; Ctrl-C ends it"),
        )
    if as_json:
        print_json({
            "messages": writer.messages, "bytes": writer.size, "full": writer.is_full,
            "losses": losses,
        })  # fmt: skip
    else:
        full = "; it is full, and ended before its time" if writer.is_full else ""
        sys.stdout.write(f"{writer.messages} message(s), {writer.size} bytes in {target}{full}\n")
    raise typer.Exit(1 if writer.is_full else 0)


@app.command(
    epilog="Example: gigacity replay storm.jsonl --pace 10 --mqtt-url mqtt://127.0.0.1:1883"
    " (dead letters are replayed by gigacity deadletters replay)"
)
@options_of(BrokerSettings)
def replay(
    recording: Annotated[Path, typer.Argument(help="File that gigacity record made.")],
    *,
    pace: Annotated[
        float,
        typer.Option(min=0, help="2: twice as fast; 0: as fast as it can be sent."),
    ] = 1.0,
    keep_times: Annotated[
        bool, typer.Option("--keep-times", help="Leave every instant in it as it was recorded.")
    ] = False,
    mqtt_sources: Annotated[
        Path | None,
        typer.Option(
            envvar="GIGACITY_MQTT_SOURCES",
            help="Mappings, by which instants in foreign messages are found.",
        ),
    ] = None,
    as_json: JSONOption = False,
    given: BrokerSettings,
) -> None:
    """Publish a recording again, with its instants moved so that it ends when the replay does.

    In native messages ts and session are moved, and the timestamps of Sparkplug; in other foreign
    ones the instants that the decoder of their source finds. Needs an account that may write the
    topics: a broker for tests, not the one of the field. Exits with 0 if the broker took all of
    it, with 1 if not.
    """
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415 - keeps --help quick
    from gigacity_ingest.adapters.broker_publisher import (  # noqa: PLC0415
        BrokerPublisher,
        PlayingError,
    )
    from gigacity_ingest.mapping.loading import load_sources  # noqa: PLC0415
    from gigacity_ingest.traffic.playing import Shifter  # noqa: PLC0415
    from gigacity_ingest.traffic.recording import RecordingError  # noqa: PLC0415
    from gigacity_ingest.worker_config import visitor_endpoint  # noqa: PLC0415

    sources = None if mqtt_sources is None else load_sources(mqtt_sources)
    clock = SystemClock()
    problem = ""
    playing = _playing(recording, clock.now_ms(), pace, keeps_times=keep_times)
    shifter = Shifter(playing.shift_ms, sources)
    with BrokerPublisher(visitor_endpoint(given, ()), clock) as publisher:
        try:
            _play(recording, playing, publisher, shifter, clock.monotonic_s())
        except (PlayingError, RecordingError) as error:
            problem = str(error)
    if as_json:
        print_json({
            "taken": publisher.taken, "refused": publisher.refused,
            "unshifted": shifter.unshifted, "unborn": list(shifter.unborn),
            "shift_ms": playing.shift_ms, "problem": problem,
        })  # fmt: skip
    else:
        _show(publisher, shifter, problem)
    raise typer.Exit(1 if problem or publisher.refused else 0)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _playing(recording: Path, start_ms: int, pace: float, *, keeps_times: bool) -> "Playing":
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick
    from gigacity_ingest.adapters.recording_file import recorded_messages  # noqa: PLC0415
    from gigacity_ingest.traffic.playing import Playing  # noqa: PLC0415
    from gigacity_ingest.traffic.recording import RecordingError  # noqa: PLC0415

    first_ms = last_ms = None
    try:
        for arrival in recorded_messages(recording):
            first_ms = arrival.at_ms if first_ms is None else first_ms
            last_ms = arrival.at_ms
    except RecordingError as error:
        raise ConfigError(f"{recording}: {error}") from error
    if first_ms is None or last_ms is None:
        raise ConfigError(f"{recording}: there is no message in it")
    return Playing(first_ms, last_ms, start_ms, pace, keeps_times)


def _play(
    recording: Path,
    playing: "Playing",
    publisher: "BrokerPublisher",
    shifter: "Shifter",
    start_s: float,
) -> None:
    """Publish all of it."""
    from gigacity_ingest.adapters.recording_file import recorded_messages  # noqa: PLC0415

    for arrival in recorded_messages(recording):
        publisher.wait_until(start_s + playing.due_s(arrival.at_ms))
        publisher.publish(
            arrival.topic,
            shifter.payload_of(arrival),
            qos=arrival.qos,
            retain=arrival.is_retained,
        )
    publisher.finish()


def _show(publisher: "BrokerPublisher", shifter: "Shifter", problem: str) -> None:
    sys.stdout.write(f"{publisher.taken} message(s) taken, {publisher.refused} refused\n")
    for topic, reason in publisher.refused_topics.items():
        sys.stderr.write(f"refused: {topic}: {reason}\n")
    if shifter.unshifted:
        count = shifter.unshifted
        _say(f"{count} foreign message(s) as they were: no source found an instant in them")
    for node, error in list(shifter.unborn.items())[:_MAX_NAMED]:
        _say(f"edge node {node}: {error}")
    if shifter.unborn:
        _say(
            f"{len(shifter.unborn)} edge node(s) of Sparkplug without their births: a worker makes"
            " dead letters of what they say. Begin the recording before they connect, or have each"
            " say its births while you record: NCMD with Node Control/Rebirth"
        )
    if problem:
        _say(f"gigacity: {problem}")
