"""``gigacity conformance``: watches one publisher, and says whether it follows the contract."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gigacity_contract.process.options import options_of
from gigacity_ingest.commands.message_input import CityOption, JSONOption, print_json
from gigacity_ingest.settings import BrokerSettings

if TYPE_CHECKING:
    from gigacity_ingest.conformance.report import ConformanceReport
    from gigacity_ingest.conformance.watch import ConformanceWatch

app = typer.Typer()
_COLOURS = {"good": "green", "warning": "yellow", "bad": "bold red", "unseen": "dim"}
_SHOWN = {
    "zh": {"good": "合格", "warning": "注意", "bad": "不合格", "unseen": "未见"},
    "en": {"good": "good", "warning": "warning", "bad": "BAD", "unseen": "not seen"},
}


@app.command(
    epilog="Example: gigacity conformance 371602/olt/olt-1 --minutes 5"
    " --mqtt-url mqtt://127.0.0.1:1884 --mqtt-username gigacity-worker"
)
@options_of(BrokerSettings)
def conformance(
    identity: Annotated[
        str, typer.Argument(help="Its identity path, which is its user name: 371602/gateway/gw-1.")
    ],
    *,
    minutes: Annotated[float, typer.Option(min=0.01, max=1500, help="How long to watch.")] = 5.0,
    recording: Annotated[
        Path | None, typer.Option(help="Judge a file of gigacity record; no broker is asked.")
    ] = None,
    city: CityOption = None,
    lang: Annotated[str, typer.Option(help="Language of the report: en or zh.")] = "en",
    as_json: JSONOption = False,
    given: BrokerSettings,
) -> None:
    """Watch an OLT, a device or a gateway at the broker, and report what it does well and badly.

    Births, wills, orderly ends, retained flags, topics, fields by the worker's own decoder, gaps in
    seq, cadence and clock. Needs an account that may read its topics, such as a worker's; changes
    nothing. Exits with 0 if nothing is bad, with 1 if something is, with 2 for a wrong call.
    """
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415 - keeps --help quick
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415
    from gigacity_ingest.adapters.broker_listener import take_traffic  # noqa: PLC0415
    from gigacity_ingest.worker_config import visitor_endpoint  # noqa: PLC0415

    if lang not in _SHOWN:
        raise ConfigError("--lang must be en or zh")
    if recording is not None:
        _finish(_judge(identity, recording, city), lang, as_json=as_json)
    clock = SystemClock()
    watch = _watch(identity, clock.now_ms(), city)
    endpoint = visitor_endpoint(given, (f"gigacity/v1/{identity}/#",))
    until_s = clock.monotonic_s() + minutes * 60
    losses = take_traffic(
        endpoint,
        clock,
        watch.take,
        is_done=lambda: clock.monotonic_s() >= until_s,
        begin=lambda: _say(f"watching {identity} for {minutes:g} min; Ctrl-C: report now"),
    )
    _finish(watch.report(clock.now_ms(), losses), lang, as_json=as_json)


def _finish(report: "ConformanceReport", lang: str, *, as_json: bool) -> NoReturn:
    if as_json:
        print_json({"ok": report.is_good, **_builtins(report)})
    else:
        _show(report, lang)
    raise typer.Exit(0 if report.is_good else 1)


def _judge(identity: str, recording: Path, city: CityOption) -> "ConformanceReport":
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick
    from gigacity_ingest.adapters.recording_file import (  # noqa: PLC0415
        recorded_messages,
        recording_head,
    )
    from gigacity_ingest.traffic.recording import RecordingError  # noqa: PLC0415

    below = f"gigacity/v1/{identity}/"
    try:
        from_ms = to_ms = recording_head(recording).from_ms
        watch = _watch(identity, from_ms, city)
        for arrival in recorded_messages(recording):
            to_ms = arrival.at_ms
            if arrival.topic.startswith(below):
                watch.take(arrival)
    except RecordingError as error:
        raise ConfigError(f"{recording}: {error}") from error
    return watch.report(to_ms)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _watch(identity: str, from_ms: int, city: CityOption) -> "ConformanceWatch":
    from gigacity_city.load import load_city  # noqa: PLC0415 - keeps --help quick
    from gigacity_contract.errors import ConfigError, TopicError  # noqa: PLC0415
    from gigacity_ingest.conformance.watch import ConformanceWatch  # noqa: PLC0415
    from gigacity_ingest.decode.field_registry import FieldRegistry  # noqa: PLC0415

    loaded = None if city is None else load_city(city)
    try:
        if loaded is None:
            return ConformanceWatch(identity, from_ms)
        return ConformanceWatch(identity, from_ms, FieldRegistry.of(loaded), loaded.cadence)
    except TopicError as error:
        raise ConfigError(
            f"{identity} is no identity path: {error}; write AREA/olt/ID, AREA/gateway/ID or"
            " AREA/community/COMMUNITY/DEVICE"
        ) from error


def _builtins(report: "ConformanceReport") -> dict[str, object]:
    import msgspec  # noqa: PLC0415 - keeps --help quick

    made: dict[str, object] = msgspec.to_builtins(report)
    return made


def _show(report: "ConformanceReport", lang: str) -> None:
    from rich.console import Console  # noqa: PLC0415 - keeps --help quick
    from rich.markup import escape  # noqa: PLC0415

    console = Console(highlight=False)
    for finding in report.findings:
        mark = _SHOWN[lang][finding.conformity]
        title, detail = (getattr(text, lang) for text in (finding.title, finding.detail))
        console.print(
            f"[{_COLOURS[finding.conformity]}]{mark}[/]  [bold]{title}[/]  {escape(detail)}",
            soft_wrap=True,
        )
    seconds = (report.to_ms - report.from_ms) / 1000
    sys.stdout.write(
        f"{report.identity}: {report.messages} 条报文,{seconds:.0f} 秒\n"
        if lang == "zh"
        else f"{report.identity}: {report.messages} message(s) in {seconds:.0f} s\n"
    )
