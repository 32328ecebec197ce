"""From what was seen of a publisher to findings: each rule of the contract is one function."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from gigacity_city.model import Cadence
from gigacity_contract.decoding import RejectionReason
from gigacity_ingest.conformance.observed import PORTS, Observed, SeenObject, SeenStatus
from gigacity_ingest.conformance.report import BilingualText, ConformanceFinding, Conformity
from gigacity_ingest.conformance.wording import DETAILS, TITLES

_SLOWER = 1.25
"""Reports that come at this multiple of the expected interval are too rare: jitter is less."""
_SEEN_INTERVALS = 2
"""That a watch must last to say anything about the cadence."""
_AHEAD_MS = 2_000
_BEHIND_MS = 10_000
_FAR_MS = 60_000
"""A clock that is wrong by so much moves readings into another evaluation."""
_SETTLED_MS = 5_000
"""For which a report may come after the end of its session: it was under way."""


@dataclass(frozen=True, slots=True)
class JudgedWatch:
    """What was seen, from when to when, and what the city file says of it."""

    seen: Observed
    from_ms: int
    to_ms: int
    cadence: Cadence
    missing: int = 0
    """Messages that were counted by the publisher and never came."""
    reordered: int = 0
    losses: int = 0
    """Connections that the watch itself lost."""
    is_registered: bool | None = None
    """None: no city file."""

    def findings(self) -> list[ConformanceFinding]:
        """One for each check, cadence aside: one for each kind."""
        parts = (
            _registered, _reports, _topics, _decoding, _fields, _retained, _qos, _birth, _will,
            _end, _sessions, _sequence, _instants, _clock, _cadences,
        )  # fmt: skip
        return [finding for part in parts for finding in part(self)]


Findings = Iterator[ConformanceFinding]


def _found(check: str, conformity: Conformity, text: str, **named: object) -> ConformanceFinding:
    zh, en = DETAILS[text]
    detail = BilingualText(zh.format(**named), en.format(**named))
    return ConformanceFinding(check, conformity, BilingualText(*TITLES[check]), detail)


def _registered(watch: JudgedWatch) -> Findings:
    if watch.is_registered is None:
        yield _found("registered", Conformity.UNSEEN, "no_city")
    elif watch.is_registered:
        yield _found("registered", Conformity.GOOD, "registered")
    else:
        yield _found("registered", Conformity.BAD, "unregistered")


def _reports(watch: JudgedWatch) -> Findings:
    count = watch.seen.reports
    verdict = Conformity.GOOD if count else Conformity.BAD
    yield _found("reports", verdict, "reports" if count else "no_reports", count=count)


def _topics(watch: JudgedWatch) -> Findings:
    outside = watch.seen.outside
    if outside:
        yield _found("topics", Conformity.BAD, "outside", topics=", ".join(outside))
    elif watch.seen.messages:
        yield _found("topics", Conformity.GOOD, "topics")


def _decoding(watch: JudgedWatch) -> Findings:
    refusals = dict(watch.seen.refusals)
    if watch.is_registered is None:
        # Without the city file everything is unregistered, however many there are.
        refusals.pop(RejectionReason.TOO_MANY_UNREGISTERED, None)
    for reason, refused in refusals.items():
        yield _found("decoding", Conformity.BAD, "refused",
                     reason=reason.value, count=refused.count, error=refused.error)  # fmt: skip
    if not refusals and watch.seen.messages:
        yield _found("decoding", Conformity.GOOD, "decoded")


def _fields(watch: JudgedWatch) -> Findings:
    absent, unknown = watch.seen.absent_fields, watch.seen.unknown_fields
    if absent:
        yield _found("fields", Conformity.WARNING, "absent", names=_counted(absent))
    if unknown:
        yield _found("fields", Conformity.WARNING, "unknown", names=_counted(unknown))


def _counted(names: dict[str, int]) -> str:
    return ", ".join(f"{name} x{count}" for name, count in list(names.items())[:10])


def _retained(watch: JudgedWatch) -> Findings:
    live = [s for s in watch.seen.statuses if not s.is_copy]
    plain = sum(not status.is_retained for status in live)
    if plain:
        yield _found("retained", Conformity.BAD, "status_not_retained", count=plain)
    if watch.seen.retained_reports:
        count = watch.seen.retained_reports
        yield _found("retained", Conformity.BAD, "report_retained", count=count)
    if not plain and not watch.seen.retained_reports and watch.seen.statuses:
        yield _found("retained", Conformity.GOOD, "retained")


def _qos(watch: JudgedWatch) -> Findings:
    if watch.seen.qos_0:
        yield _found("qos", Conformity.BAD, "qos_0", count=watch.seen.qos_0)
    elif watch.seen.messages:
        yield _found("qos", Conformity.GOOD, "qos_1")


def _birth(watch: JudgedWatch) -> Findings:
    births = [status for status in watch.seen.statuses if status.is_online]
    if not births:
        yield _found("birth", Conformity.BAD, "no_birth")
    else:
        yield _found("birth", Conformity.GOOD, "birth", session=births[-1].session)


def _strange(ends: list[SeenStatus], watch: JudgedWatch) -> list[SeenStatus]:
    """Ends of sessions that no birth named, though there was one."""
    sessions = {status.session for status in watch.seen.statuses if status.is_online}
    return [end for end in ends if sessions and not end.is_copy and end.session not in sessions]


def _will(watch: JudgedWatch) -> Findings:
    ends = [s for s in watch.seen.statuses if not s.is_online and not s.is_orderly]
    if not ends:
        yield _found("will", Conformity.UNSEEN, "no_will")
    elif strange := _strange(ends, watch):
        yield _found("will", Conformity.BAD, "strange_end", session=strange[0].session)
    else:
        yield _found("will", Conformity.GOOD, "will", session=ends[-1].session)


def _end(watch: JudgedWatch) -> Findings:
    ends = [s for s in watch.seen.statuses if not s.is_online and s.is_orderly]
    if not ends:
        yield _found("end", Conformity.UNSEEN, "no_end")
    elif strange := _strange(ends, watch):
        yield _found("end", Conformity.BAD, "strange_end", session=strange[0].session)
    else:
        yield _found("end", Conformity.GOOD, "end", session=ends[-1].session)


def _sessions(watch: JudgedWatch) -> Findings:
    """Whether reports come though the newest session has ended."""
    if not watch.seen.statuses:
        return
    newest = max(status.session for status in watch.seen.statuses)
    ends = [s for s in watch.seen.statuses if s.session == newest and not s.is_online]
    late_ms = watch.seen.last_report_ms - max((end.at_ms for end in ends), default=0)
    if ends and late_ms > _SETTLED_MS:
        yield _found("sessions", Conformity.BAD, "ended", session=newest)


def _sequence(watch: JudgedWatch) -> Findings:
    seen = watch.seen
    if not seen.reports:
        return
    if watch.missing or watch.reordered:
        own = "gaps_or_losses" if watch.losses else "gaps"
        verdict = Conformity.WARNING if watch.losses else Conformity.BAD
        yield _found("seq", verdict, own, missing=watch.missing, reordered=watch.reordered)
    elif seen.without_seq:
        yield _found("seq", Conformity.WARNING, "no_seq", count=seen.without_seq)
    else:
        yield _found("seq", Conformity.GOOD, "seq")


def _instants(watch: JudgedWatch) -> Findings:
    for name, ts in watch.seen.twice.items():
        yield _found("instants", Conformity.BAD, "twice", name=name, ts=ts)


def _clock(watch: JudgedWatch) -> Findings:
    lag_ms = watch.seen.least_lag_ms
    if lag_ms is None:
        return
    if -_AHEAD_MS <= lag_ms <= _BEHIND_MS:
        yield _found("clock", Conformity.GOOD, "clock", lag=f"{lag_ms / 1000:.1f}")
        return
    text = "clock_behind" if lag_ms > 0 else "clock_ahead"
    verdict = Conformity.BAD if abs(lag_ms) > _FAR_MS else Conformity.WARNING
    yield _found("clock", verdict, text, lag=f"{abs(lag_ms) / 1000:.1f}")


def _cadences(watch: JudgedWatch) -> Findings:
    kinds: dict[str, dict[str, SeenObject]] = {}
    for name, found in watch.seen.objects.items():
        kinds.setdefault(found.kind, {})[name] = found
    for kind, objects in kinds.items():
        yield _cadence(watch, kind, objects)


def _cadence(watch: JudgedWatch, kind: str, objects: dict[str, SeenObject]) -> ConformanceFinding:
    cadence = watch.cadence
    expected_s = cadence.pon_s if kind == PORTS else cadence.expected_s(kind)
    window_ms = cadence.pon_window_ms() if kind == PORTS else cadence.window_ms(kind)
    more = {"kind": kind, "expected": f"{expected_s:g}", "count": len(objects)}
    if watch.to_ms - watch.from_ms < _SEEN_INTERVALS * expected_s * 1000:
        return _found("cadence", Conformity.UNSEEN, "short_watch", **more)
    rare = {name: interval_s for name, found in objects.items()
            if (interval_s := _interval_s(found)) > _SLOWER * expected_s}  # fmt: skip
    if rare:
        name, interval_s = max(rare.items(), key=lambda item: item[1])
        more |= {"name": name, "interval": f"{interval_s:.1f}", "rare": len(rare)}
        return _found("cadence", Conformity.BAD, "rare", **more)
    silent = {name: gap for name, found in objects.items()
              if (gap := _silence_ms(found, watch)) > window_ms}  # fmt: skip
    if silent:
        name, gap_ms = max(silent.items(), key=lambda item: item[1])
        more |= {"name": name, "silence": f"{gap_ms / 1000:.0f}", "silent": len(silent)}
        return _found("cadence", Conformity.BAD, "silent", **more)
    return _found("cadence", Conformity.GOOD, "cadence", **more)


def _interval_s(found: SeenObject) -> float:
    """Typical interval between two readings; 0 where there is one reading."""
    return median(found.intervals_ms) / 1000 if found.intervals_ms else 0.0


def _silence_ms(found: SeenObject, watch: JudgedWatch) -> int:
    """The longest one, from the beginning of the watch to its end."""
    return max(
        found.longest_silence_ms,
        found.first_at_ms - watch.from_ms,
        watch.to_ms - found.last_at_ms,
    )
