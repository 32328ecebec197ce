"""``gigacity mapping watch``: what becomes of messages as they come."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gigacity_contract.process.options import options_of
from gigacity_ingest.commands.message_input import CityOption
from gigacity_ingest.settings import BrokerSettings

if TYPE_CHECKING:
    from gigacity_ingest.commands.trying import MappingTrials
    from gigacity_ingest.traffic.arrivals import Arrival

EPILOG = (
    "Example: gigacity mapping watch site.yaml --count 3 --mqtt-url mqtt://127.0.0.1:1884"
    " --mqtt-username gigacity-worker"
)


class _Shown:
    """Shows each message that comes, up to a number."""

    def __init__(
        self, trials: "MappingTrials", limit: int, *, is_city_known: bool, as_json: bool
    ) -> None:
        self._trials = trials
        self._limit = limit
        self._is_city_known = is_city_known
        self._as_json = as_json
        self.count = 0
        self.good = 0

    @property
    def is_full(self) -> bool:
        return self.count >= self._limit

    def take(self, arrival: "Arrival") -> None:
        import msgspec  # noqa: PLC0415 - keeps --help quick

        from gigacity_ingest.commands.showing import show_arrival, show_explanation  # noqa: PLC0415
        from gigacity_ingest.formats.readings import ForeignMessage  # noqa: PLC0415

        if self.is_full or not self._trials.has(arrival.topic):
            return
        found = self._trials.of(
            ForeignMessage(arrival.topic, arrival.payload, arrival.is_copy, arrival.at_ms)
        )
        self.count += 1
        self.good += found.trial.is_good
        if self._as_json:
            told = {
                "topic": arrival.topic,
                "at_ms": arrival.at_ms,
                "retained": arrival.is_copy,
                **msgspec.to_builtins(found.explanation),
                "outcome": found.trial,
            }
            sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
        else:
            show_arrival(arrival, self.count)
            show_explanation(found.explanation, found.trial, is_city_known=self._is_city_known)
        sys.stdout.flush()


@options_of(BrokerSettings)
def watch(
    file: Annotated[Path, typer.Argument(help="Mapping file, or a folder of them.")],
    *,
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", help="Fewer topics; default: those of the sources."),
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many messages.")] = 1,
    minutes: Annotated[float, typer.Option(min=0.01, help="How long at most.")] = 5.0,
    city: CityOption = None,
    known: Annotated[
        list[str] | None,
        typer.Option("--id", help="Foreign id and its object: k1/d1=371602001001/smoke-1."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a message.")] = False,
    given: BrokerSettings,
) -> None:
    """Show what becomes of the messages that come: as ``mapping try``, from the broker itself.

    What the broker has retained comes first, marked as a copy. Takes no message from anybody, and
    stores nothing. Ctrl-C ends it. Exits with 0 if messages came and all of them are good.
    """
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415 - keeps --help quick
    from gigacity_ingest.adapters.broker_listener import take_traffic  # noqa: PLC0415
    from gigacity_ingest.commands.trying import MappingTrials  # noqa: PLC0415
    from gigacity_ingest.worker_config import visitor_endpoint  # noqa: PLC0415

    trials = MappingTrials(file, city, known or [])
    wanted = tuple(filters or trials.subscriptions)
    shown = _Shown(trials, count, is_city_known=city is not None, as_json=as_json)
    clock = SystemClock()
    until_s = clock.monotonic_s() + minutes * 60
    take_traffic(
        visitor_endpoint(given, wanted),
        clock,
        shown.take,
        is_done=lambda: shown.is_full or clock.monotonic_s() >= until_s,
        begin=lambda: _say(f"watching {', '.join(wanted)}; Ctrl-C ends it"),
    )
    if not shown.count:
        _say(f"no message came on {', '.join(wanted)}")
    raise typer.Exit(0 if 0 < shown.count == shown.good else 1)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
