"""House rules for InfluxQL texts, as a function that names what a text breaks.

What the servers answer without an error, and wrongly or dearly, is what these rules forbid:
``last()`` of several fields loses the time of its values and costs by the field; ``LIMIT`` with
``GROUP BY`` of tags means another thing on openGemini, which also counts a rewritten row twice
unless there are intervals; a query without bounds scans for ever.
"""

import re

_SELECTORS = re.compile(r"\b(?:last|first)\s*\(", re.IGNORECASE)
_COUNTS = re.compile(r"\b(?:count|sum|mean|min|max)\s*\(", re.IGNORECASE)
_INTERVALS = re.compile(r"\bGROUP\s+BY\s+time\s*\(", re.IGNORECASE)
_GROUPED = re.compile(r"\bGROUP\s+BY\s+(?!time\b)", re.IGNORECASE)
_LIMITED = re.compile(r"\bS?(?:LIMIT|OFFSET)\b", re.IGNORECASE)
_LOWER = re.compile(r"\btime\s*>=?\s*", re.IGNORECASE)
_UPPER = re.compile(r"\btime\s*<=?\s*", re.IGNORECASE)
_TIME_CHOICE = re.compile(r"\btime\s*=\s*\S+\s+OR\b", re.IGNORECASE)


def problems(text: str) -> list[str]:
    """What a query text breaks; empty if it is in order."""
    found = []
    if len(_SELECTORS.findall(text)) > 1:
        found.append("last() or first() of several fields")
    if _COUNTS.search(text) and not _INTERVALS.search(text):
        found.append("statistics without intervals count rewritten rows twice")
    if _LIMITED.search(text) and _GROUPED.search(text):
        found.append("LIMIT together with GROUP BY of tags")
    if not (_LOWER.search(text) and _UPPER.search(text)):
        found.append("no bounded range of time")
    if _TIME_CHOICE.search(text):
        found.append("time = a OR time = b answers no rows")
    if ";" in text:
        found.append("several statements in one text")
    if re.search(r"\bSELECT\s+\*", text, re.IGNORECASE):
        found.append("SELECT * reads what nobody asked for")
    return found
