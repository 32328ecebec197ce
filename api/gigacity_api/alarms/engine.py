"""The alarm engine: from what an instant shows to alarms that are raised, changed and cleared.

``step`` takes instants of the evaluator, ``watch`` what the platform says of itself at any moment;
what operators do goes to the book. It holds no lock and asks no clock: one caller at a time.
"""

from collections.abc import Iterable

import msgspec
import numpy as np

from gigacity_api.alarms.book import AlarmBook
from gigacity_api.alarms.catalogue import ALARM_TYPES
from gigacity_api.alarms.detector import Detector, LossReader
from gigacity_api.alarms.device_conditions import LATE_MS
from gigacity_api.alarms.figure_conditions import (
    BELOW,
    BURN,
    UNDETERMINED,
    BudgetBurn,
    FigureConditions,
)
from gigacity_api.alarms.finding import AlarmFinding
from gigacity_api.alarms.knobs import knob
from gigacity_api.alarms.maintenance import MaintenanceWindow
from gigacity_api.alarms.model import (
    NO_IMPACT,
    Alarm,
    AlarmResource,
    Impact,
    ResourceKind,
    Severity,
)
from gigacity_api.alarms.platform_conditions import (
    PlatformConditions,
    PlatformLimits,
    PlatformView,
    platform_says,
)
from gigacity_api.alarms.port_conditions import LOSS
from gigacity_api.alarms.severity import severity_of
from gigacity_api.alarms.trends import PortTrends
from gigacity_api.alarms.wording import text_of
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.verdicts import Flags

QUIET_INTERVALS = 3
"""Intervals of PON reports for which a new city version raises nothing but calls for help."""

PLATFORM_PREFIXES = ("platform.", "figure.")
WORTH_TELLING = 0.1
"""Share by which the households of an alarm must change for its history to say so."""


class AlarmEngine:
    """Alarms of one city."""

    def __init__(self, book: AlarmBook, inventory: Inventory) -> None:
        self.book = book
        self.windows: tuple[MaintenanceWindow, ...] = ()
        self._inventory = inventory
        self._detector = Detector(inventory)
        self._platform = PlatformConditions()
        self._figures = FigureConditions()
        self._burn = BudgetBurn()
        self._quiet_until_ms = 0
        self._done_ms = 0
        self._silent_workers: dict[str, str] = {}

    def restore(self, alarms: Iterable[Alarm]) -> None:
        """Go on with what the log says: nothing is raised twice, nothing cleared unseen."""
        self.book.load(alarms)
        for alarm in self.book.active.values():
            if alarm.type in {BELOW, UNDETERMINED}:
                self._figures.restore(alarm.resource, has_fallen=alarm.type == BELOW)
            if alarm.type.startswith(PLATFORM_PREFIXES) and alarm.type != "platform.area_silent":
                cause = alarm.cause
                found = AlarmFinding(alarm.type, alarm.resource, alarm.raised_ms, cause)
                self._platform.restore(found)
            else:
                self._detector.restore(alarm)

    def use(self, inventory: Inventory, at_ms: int) -> None:
        """Another city version is in force."""
        if inventory is self._inventory:
            return
        former, self._detector = self._detector, Detector(inventory)
        self._inventory = inventory
        self._detector.carry(former)
        self._quiet_until_ms = at_ms + QUIET_INTERVALS * round(inventory.city.cadence.pon_s * 1000)
        for alarm in list(self.book.active.values()):
            if not self._detector.restore(alarm):
                self.book.clear(alarm.id, at_ms, "no longer registered")

    def step(
        self,
        instant: CityInstant,
        figures: Iterable[Figure],
        now_ms: int,
        *,
        trends: PortTrends | None = None,
        reasons: LossReader | None = None,
    ) -> None:
        """Take an instant, later than the last one.

        One that lies more than five minutes back tells of the past, and is passed over.

        Args:
            instant: what was known.
            figures: what came out of it.
            now_ms: the time.
            trends: what is known of the longer past.
            reasons: asks what ONUs said of themselves.
        """
        at_ms = instant.as_of_ms
        tick_ms = at_ms - self._done_ms if self._done_ms else 0
        self._done_ms = at_ms
        if now_ms - at_ms > max(LATE_MS, 2 * min(tick_ms, LATE_MS)):
            return
        self.use(instant.inventory, at_ms)
        active = [a for a in self.book.active.values() if not _is_platform(a.type)]
        findings = self._detector.step(
            instant, trends=trends, reasons=reasons, known=active,
            owned_areas=self._silent_workers,
        )  # fmt: skip
        self._apply(findings, active, instant, now_ms)
        self._figure_alarms(at_ms, list(figures), now_ms)
        self.book.rest(now_ms)

    def lost_ports(self, inventory: Inventory) -> Flags:
        """Ports that had lost ONUs at the last instant; of another city version none."""
        if inventory is not self._inventory:
            return np.zeros(len(inventory.port_olt), dtype=np.bool_)
        return self._detector.conditions[LOSS].present

    def watch(self, view: PlatformView) -> None:
        """Take what the platform says of itself; it may be asked while no instant is evaluated."""
        limits = PlatformLimits(
            evaluator_ticks=knob(self._inventory, "alarm_evaluator_ticks"),
            dead_share=knob(self._inventory, "alarm_dead_letter_share"),
            clock_s=knob(self._inventory, "alarm_clock_s"),
            free_share=knob(self._inventory, "alarm_disk_free_share"),
            certificate_days=knob(self._inventory, "alarm_certificate_days"),
        )
        said = platform_says(view, limits)
        in_force = self._platform.step(view.now_ms, said.holds, said.good, said.workers)
        mine = [f for f in in_force if f.type.startswith("platform.")]
        self._silent_workers = _areas_of(mine, view, self._inventory.city.area_of_code)
        known = [a for a in self.book.active.values() if _is_worker_like(a.type)]
        self._settle(mine, known, view.now_ms)
        self.book.rest(view.now_ms)

    def _figure_alarms(self, at_ms: int, figures: list[Figure], now_ms: int) -> None:
        holds, good = self._figures.step(at_ms, figures)
        slo = knob(self._inventory, "alarm_gigabit_slo")
        homes = int(self._inventory.households.sum())
        without = self._detector.households_without / homes if homes else 0.0
        burning = self._burn.step(at_ms, without, slo, self._inventory.city.code)
        if burning is not None:
            holds.append(burning)
        elif self._burn.is_known(at_ms):
            good.append(AlarmFinding(BURN, self._city(), at_ms).id)
        in_force = self._platform.step(at_ms, holds, good)
        mine = [f for f in in_force if f.type.startswith("figure.")]
        known = [a for a in self.book.active.values() if a.type.startswith("figure.")]
        self._settle(mine, known, now_ms)

    def _city(self) -> AlarmResource:
        return AlarmResource(ResourceKind.CITY, self._inventory.city.code)

    def _apply(
        self, findings: list[AlarmFinding], active: list[Alarm], instant: CityInstant, now_ms: int
    ) -> None:
        due = [f for f in findings if f.is_due]
        parents = self._parents(due, active)
        named = {f.id for f in due}
        for alarm in active:
            if alarm.id in named and not ALARM_TYPES[alarm.type].is_life_safety:
                continue
            if alarm.id in parents:
                self._adopt(alarm, parents[alarm.id], now_ms)
            elif self._detector.is_gone(alarm, instant):
                self.book.clear(alarm.id, now_ms)
        is_quiet = instant.as_of_ms < self._quiet_until_ms
        for finding in due:
            self._hold(finding, now_ms, is_quiet=is_quiet)

    def _parents(self, due: list[AlarmFinding], active: list[Alarm]) -> dict[str, str]:
        """By id of an active alarm the id of the cause that explains it."""
        conditions = self._detector.conditions
        owners = {
            name: np.full(len(condition.active), -1) for name, condition in conditions.items()
        }
        for number, finding in enumerate(due):
            for name, indices in finding.covers.items():
                owners[name][indices] = number
        found: dict[str, str] = {}
        for alarm in active:
            place = self._detector.index.position(alarm.type, alarm.resource)
            if place is None or alarm.type not in owners:
                continue
            owner = int(owners[alarm.type][place])
            if owner >= 0 and due[owner].id != alarm.id:
                found[alarm.id] = due[owner].id
        found |= self._adopted_groups(due, active)
        return found

    def _adopted_groups(self, due: list[AlarmFinding], active: list[Alarm]) -> dict[str, str]:
        """Causes that were named after another resource and now are part of a greater one.

        A card, a community or an OLT is no column: its children are. It goes where they go.
        """
        named = {f.id for f in due}
        found: dict[str, str] = {}
        for alarm in active:
            if alarm.id in named or not alarm.children:
                continue
            for finding in due:
                if self._holds_child(finding, alarm):
                    found[alarm.id] = finding.id
                    break
        return found

    def _holds_child(self, finding: AlarmFinding, alarm: Alarm) -> bool:
        for child in alarm.children[:5]:
            place = self._detector.index.position(child.type, child.resource)
            covered = finding.covers.get(child.type)
            if place is not None and covered is not None and place in covered:
                return True
        return False

    def _adopt(self, alarm: Alarm, parent: str, now_ms: int) -> None:
        if alarm.parent != parent:
            self.book.change(alarm.id, now_ms, parent=parent)

    def _hold(self, finding: AlarmFinding, now_ms: int, *, is_quiet: bool) -> None:
        type_, known = ALARM_TYPES[finding.type], self.book.get(finding.id)
        if known is None or known.is_cleared:
            if is_quiet and not type_.is_life_safety:
                return
            if type_.is_life_safety and known is not None and finding.since_ms <= known.raised_ms:
                return  # The same call, seen again.
            if self.book.has_room(is_life_safety=type_.is_life_safety):
                self.book.raise_(self._made(finding, now_ms))
            return
        if type_.is_life_safety or (_is_plain(finding) and known.parent is None):
            return
        is_sure = known.cause is not None and known.cause.certainty == "confirmed"
        if is_sure or not finding.is_told:
            finding.cause = known.cause
        self._refresh(known, self._made(finding, now_ms), now_ms)

    def _refresh(self, known: Alarm, made: Alarm, now_ms: int) -> None:
        """Say what is new of an active alarm, if it is worth it."""
        fields = {
            name: getattr(made, name)
            for name in (
                "severity", "cause", "impact", "text", "children", "children_by_type", "is_planned",
                "parent",
            )
        }  # fmt: skip
        graver = made.severity.rank > known.severity.rank
        is_named = _slug(known) != _slug(made)
        if graver or is_named or known.parent is not None or _differs(known, made):
            self.book.change(known.id, now_ms, **fields)
        else:
            self.book.update(known.id, **fields)

    def _settle(self, findings: list[AlarmFinding], known: list[Alarm], now_ms: int) -> None:
        """Raise, refresh and clear what has no columns."""
        named = {f.id for f in findings}
        for alarm in known:
            if alarm.id not in named:
                self.book.clear(alarm.id, now_ms)
        for finding in findings:
            self._hold(finding, now_ms, is_quiet=False)

    def _made(self, finding: AlarmFinding, now_ms: int) -> Alarm:
        type_ = ALARM_TYPES[finding.type]
        counts, children = self._detector.children(finding)
        impact = _with_counts(finding)
        severity: Severity = severity_of(finding, type_, self._inventory)
        city = self._inventory.city
        return Alarm(
            id=finding.id,
            type=finding.type,
            resource=finding.resource,
            severity=severity,
            first_raised_ms=finding.since_ms or now_ms,
            raised_ms=finding.since_ms or now_ms,
            reported_ms=now_ms,
            changed_ms=now_ms,
            text=text_of(finding.type, finding.resource, finding.cause, impact, city),
            cause=finding.cause,
            impact=impact,
            children_by_type=counts,
            children=children,
            is_planned=any(w.holds(finding.resource, now_ms) for w in self.windows),
        )


def _is_plain(finding: AlarmFinding) -> bool:
    """It explains nothing and hits nobody: nothing of it can change."""
    return not finding.covers and finding.impact is NO_IMPACT and not finding.devices


def _slug(alarm: Alarm) -> str:
    return alarm.cause.slug if alarm.cause else ""


def _differs(known: Alarm, made: Alarm) -> bool:
    before, after = known.impact.households_at_most, made.impact.households_at_most
    is_moved = abs(after - before) > max(10, WORTH_TELLING * before)
    changed = (known.severity, known.cause, known.is_planned)
    return is_moved or changed != (made.severity, made.cause, made.is_planned)


def _with_counts(finding: AlarmFinding) -> Impact:
    if finding.impact.devices == finding.devices:
        return finding.impact
    return msgspec.structs.replace(finding.impact, devices=finding.devices)


def _is_worker_like(type_id: str) -> bool:
    return type_id.startswith("platform.") and type_id != "platform.area_silent"


def _is_platform(type_id: str) -> bool:
    return _is_worker_like(type_id) or type_id.startswith("figure.")


def _areas_of(
    findings: list[AlarmFinding], view: PlatformView, codes: dict[str, str]
) -> dict[str, str]:
    """Areas of workers that are silent or have no session, with the alarm that explains them."""
    found: dict[str, str] = {}
    causes = {"platform.worker_silent", "platform.broker_unreachable"}
    for finding in findings:
        if finding.type not in causes:
            continue
        for row in view.workers:
            if row.worker == finding.resource.id:
                mine = set(codes) if "*" in row.areas else set(row.areas)
                found |= {codes[area]: finding.id for area in mine if area in codes}
    return found
