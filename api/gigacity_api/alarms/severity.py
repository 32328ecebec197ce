"""How grave an alarm is: by people, not by boxes."""

from gigacity_api.alarms.alarm_types import AlarmType, SeverityRule
from gigacity_api.alarms.figure_conditions import BURN, PAGES
from gigacity_api.alarms.finding import AlarmFinding
from gigacity_api.alarms.knobs import knob
from gigacity_api.alarms.model import Severity
from gigacity_api.indicators.inventory import Inventory

_BY_HOUSEHOLDS = (
    (Severity.CRITICAL, "alarm_critical_households"),
    (Severity.MAJOR, "alarm_major_households"),
    (Severity.MINOR, "alarm_minor_households"),
)


def severity_of(finding: AlarmFinding, type_: AlarmType, inventory: Inventory) -> Severity:
    """By the households that may be hit, or that of its type, as its rule says."""
    if finding.type == BURN:
        return Severity.MAJOR if finding.members < PAGES else type_.severity
    if type_.rule is SeverityRule.FIXED:
        return type_.severity
    homes = finding.impact.households_at_most
    if finding.ports.size and not homes:
        # Nobody is hit: whatever the box is, there is time.
        return Severity.WARNING
    found = next((s for s, name in _BY_HOUSEHOLDS if homes >= knob(inventory, name)), None)
    return found or Severity.WARNING
