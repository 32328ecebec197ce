"""``gigacity alarms``: what is wrong, and what one does about it, from a running API."""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.process.options import flag, options_of, secret, setting
from gigacity_deploy.api_client import ApiAnswerError, ApiClient

app = typer.Typer(
    no_args_is_help=True,
    help="Alarms of a running system: list, show, ack, comment, shelve.",
    epilog="Example: GIGACITY_API_KEY_FILE=key gigacity alarms list --severity critical",
)

_MARKS = {"critical": "!!", "major": "! ", "minor": "- ", "warning": ". ", "indeterminate": "? "}
AlarmName = Annotated[str, typer.Argument(help="its id, or the beginning of one")]


@dataclass(frozen=True, kw_only=True)
class AlarmsSettings:
    """What every command of ``gigacity alarms`` may be told."""

    api_url: str = setting("http://127.0.0.1:8080", meaning="address of the API")
    api_key: Secret = secret(meaning="API key: `read` to look, `operate` to act")
    lang: str = flag("en", meaning="language of texts: en or zh")
    as_json: bool = flag(False, meaning="JSON, for programs", flags=("--json",))

    def __post_init__(self) -> None:
        if self.lang not in {"en", "zh"}:
            raise ConfigError("--lang must be en or zh")

    @property
    def client(self) -> ApiClient:
        """Of the API."""
        return ApiClient(self.api_url, self.api_key)


@dataclass(frozen=True, kw_only=True)
class AlarmListSettings(AlarmsSettings):
    """Which alarms are listed."""

    severity: list[str] = flag(default=(), meaning="only of this severity; may be repeated")
    type: list[str] = flag(default=(), meaning="only of this type, or beginning; may be repeated")
    area: str = flag("", meaning="only of this area")
    state: str = flag("open", meaning="open, active, cleared or all")
    limit: int = flag(100, meaning="how many at most", low=1)


@dataclass(frozen=True, kw_only=True)
class AlarmActSettings(AlarmsSettings):
    """What is said with an act."""

    why: str = flag("", meaning="a word to those who come after")
    user: str = flag("", meaning="who acts, beside the key's name")
    hours: float = flag(4.0, meaning="of a shelf: for how long, at most 168", low=0.01)


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _line(alarm: dict[str, Any], lang: str) -> str:
    raised = alarm["alarmRaisedTime"][:16].replace("T", " ")
    mark = _MARKS.get(alarm["perceivedSeverity"], "? ")
    said = {"acknowledged": "ack"}.get(alarm["ackState"], "")
    said = alarm["operatorState"] if alarm["operatorState"] != "none" else said
    more = f" [{said}]" if said else ""
    return f"{mark}{alarm['id'][:8]}  {raised}Z  {alarm['alarmDetails'][lang]}{more}"


@app.command("list", epilog="Example: gigacity alarms list --severity critical --json")
@options_of(AlarmListSettings)
def list_alarms(given: AlarmListSettings) -> None:
    """List alarms, the newest first. Exit code 1 while one of them is critical."""
    asked: list[tuple[str, str]] = [("state", given.state), ("limit", str(given.limit))]
    asked += [("severity", each) for each in given.severity]
    asked += [("type", each) for each in given.type]
    asked += [("area", given.area)] if given.area else []
    page = _asked(lambda: given.client.get(f"/api/v1/alarms?{urlencode(asked)}"))
    if given.as_json:
        _print(json.dumps(page, ensure_ascii=False))
    else:
        for alarm in page["items"]:
            _print(_line(alarm, given.lang))
        shown = len(page["items"])
        _print(f"{shown} of {page['total']}" if page["total"] else "no alarm")
    if any(alarm["perceivedSeverity"] == "critical" for alarm in page["items"]):
        raise typer.Exit(1)


@app.command(epilog="Example: gigacity alarms show 5f0c8a52")
@options_of(AlarmsSettings)
def show(alarm: AlarmName, given: AlarmsSettings) -> None:
    """Show one alarm with its history, what it explains and whom it hits."""
    found = _asked(lambda: given.client.get(f"/api/v1/alarms/{_whole(given, alarm)}"))
    if given.as_json:
        _print(json.dumps(found, ensure_ascii=False))
        return
    _print(_line(found, given.lang))
    impact = found["impact"]
    _print(f"  households {impact['households']} to {impact['householdsAtMost']}, ports"
           f" {impact['ports']}, ONUs {impact['onus']}, devices {impact['devices']}")  # fmt: skip
    for shift in impact["figures"]:
        _print(f"  {shift['indicator']} ({shift['scope']}): {shift['by']:+.4g}")
    _print(f"  {found['proposedRepairedActions'][given.lang]}")
    for kind, count in found["childrenByType"].items():
        _print(f"  explains {count} x {kind}")
    for change in found["history"]:
        who = f" by {change['userId']}" if change["userId"] else ""
        why = f": {change['why']}" if change["why"] else ""
        _print(f"  {change['time']}  {change['act']}{who}{why}")


def _whole(given: AlarmsSettings, name: str) -> str:
    """The id that a beginning stands for."""
    if len(name) == 16:
        return name
    page = given.client.get("/api/v1/alarms?state=all&limit=5000")
    ids = [alarm["id"] for alarm in page["items"] if alarm["id"].startswith(name)]
    if len(ids) != 1:
        raise ConfigError(f"{name!r}: {len(ids)} alarms begin so; give more of the id")
    return str(ids[0])


def _act(given: AlarmActSettings, name: str, act: str, body: dict[str, Any]) -> None:
    def send() -> Any:
        return given.client.post(f"/api/v1/alarms/{_whole(given, name)}/{act}", body)

    found = _asked(send)
    _print(json.dumps(found, ensure_ascii=False) if given.as_json else _line(found, given.lang))


@app.command(epilog="Example: gigacity alarms ack 5f0c8a52 --why 'crew on its way'")
@options_of(AlarmActSettings)
def ack(alarm: AlarmName, given: AlarmActSettings) -> None:
    """Take an alarm on."""
    _act(given, alarm, "acknowledge", {"why": given.why, "user": given.user})


@app.command(epilog="Example: gigacity alarms comment 5f0c8a52 --why 'waits for a part'")
@options_of(AlarmActSettings)
def comment(alarm: AlarmName, given: AlarmActSettings) -> None:
    """Say something of an alarm (with --why)."""
    _act(given, alarm, "comment", {"comment": given.why, "user": given.user})


@app.command(
    epilog="Example: gigacity alarms shelve 5f0c8a52 --hours 12 --why 'known, part ordered'"
)
@options_of(AlarmActSettings)
def shelve(alarm: AlarmName, given: AlarmActSettings) -> None:
    """Put an alarm aside for a while, with a reason (--why)."""
    until = datetime.now(UTC) + timedelta(hours=given.hours)
    body = {"until": until.isoformat(), "why": given.why, "user": given.user}
    _act(given, alarm, "shelve", body)


@app.command(epilog="Example: gigacity alarms close 5f0c8a52 --why 'exchanged'")
@options_of(AlarmActSettings)
def close(alarm: AlarmName, given: AlarmActSettings) -> None:
    """Be done with an alarm; it clears when its resource is well."""
    _act(given, alarm, "close", {"why": given.why, "user": given.user})


def _asked(send: Any) -> Any:
    try:
        return send()
    except ApiAnswerError as error:
        sys.stderr.write(f"gigacity alarms: {error}\n")
        raise typer.Exit(2) from error
