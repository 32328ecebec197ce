"""``gigacity check``: what is wrong with a message of the native format, what would be stored."""

from typing import TYPE_CHECKING

import typer

from gigacity_ingest.commands.message_input import (
    CityOption,
    JSONOption,
    PayloadArgument,
    ReceivedOption,
    TopicOption,
    print_json,
    read_payload,
    received_ms,
)

if TYPE_CHECKING:
    from gigacity_ingest.decode.field_registry import FieldRegistry

app = typer.Typer()


@app.command(
    epilog="Example: gigacity check report.json"
    " --topic gigacity/v1/371602/community/371602001001/smoke-1/telemetry"
)
def check(
    payload: PayloadArgument,
    topic: TopicOption,
    city: CityOption = None,
    received: ReceivedOption = "",
    *,
    as_json: JSONOption = False,
) -> None:
    """Say what is wrong with a message of the native format, and what would be stored.

    By the worker's own code; nothing is sent or stored. Exits with 0 if all of it is good.
    """
    from gigacity_ingest.commands.showing import show_trial  # noqa: PLC0415 - keeps --help quick
    from gigacity_ingest.decode.decoder import Decoder  # noqa: PLC0415
    from gigacity_ingest.decode.outcome import ReceivedMessage  # noqa: PLC0415
    from gigacity_ingest.decode.trial import try_message  # noqa: PLC0415

    message = ReceivedMessage(
        topic.encode(), read_payload(payload), is_copy=False, now_ms=received_ms(received)
    )
    trial = try_message(Decoder(_registry(city, topic)), message)
    if as_json:
        print_json(trial)
    else:
        show_trial(trial, is_city_known=city is not None)
    raise typer.Exit(0 if trial.is_good else 1)


def _registry(city: CityOption, topic: str) -> "FieldRegistry":
    from gigacity_city.load import load_city  # noqa: PLC0415 - keeps --help quick
    from gigacity_ingest.decode.field_registry import FieldRegistry  # noqa: PLC0415
    from gigacity_ingest.decode.imaginary import imaginary_registry  # noqa: PLC0415

    if city is not None:
        return FieldRegistry.of(load_city(city))
    return imaginary_registry(topic.split("/")[2:3])
