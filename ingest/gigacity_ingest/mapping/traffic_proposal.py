"""Proposes a mapping from messages that were seen: names, units in names, ranges, states.

A property is proposed for a field if its name is one that devices use for it and every value that
was seen fits: in the field's range, or a tenth or hundredth of it; two states that mean true and
false. What fits nothing is told, and so is what a proposal rests on.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from gigacity_contract.fields import KIND_FIELDS, FieldSpec, FieldType
from gigacity_ingest.formats.readings import FormatDecoder
from gigacity_ingest.mapping.observation import Observation, ObservedProperty, observe
from gigacity_ingest.mapping.proposals import (
    MappingSuggestion,
    ProposedSource,
    proposal,
    quoted,
    source_lines,
)

NAMES_OF_FIELD: Mapping[str, tuple[str, ...]] = {
    "alarm": ("alarm", "smoke", "smokestate", "smokesensorstate", "gas", "gasstate", "leak"),
    "battery_pct": ("battery", "batterypercentage", "batterylevel", "batt", "electricquantity"),
    "co2_ppm": ("co2",),
    "current_a": ("current", "currenta", "ia"),
    "displaced": ("displaced", "coverstate", "moved", "covermoved"),
    "door_open": ("door", "dooropen", "doorstate", "doorstatus", "magnetstatus", "contact"),
    "energy_total_kwh": ("energy", "kwh", "totalenergy", "energytotal", "tpi", "activeenergy"),
    "fault": ("fault", "faultstate", "malfunction"),
    "fill_pct": ("fill", "filllevel", "fillrate"),
    "flow_m3_per_h": ("flow", "flowrate", "currentflow"),
    "humidity_pct": ("humidity", "hum", "humsht", "currenthumidity"),
    "lamp_on": ("lamp", "lampon", "switch", "powerswitch", "lightswitch"),
    "methane_pct_lel": ("methane", "lel", "gasconcentration"),
    "noise_db": ("noise", "noiselevel"),
    "pm10_ug_per_m3": ("pm10",),
    "pm25_ug_per_m3": ("pm25", "pm2p5"),
    "power_kw": ("power", "activepower", "apower", "p"),
    "power_w": ("power", "activepower", "apower"),
    "pressed": ("pressed", "sos", "button"),
    "rssi_dbm": ("rssi", "signal", "signalstrength"),
    "temp_c": ("temperature", "temp", "currenttemperature", "tempc", "tempcsht", "t"),
    "tilt_deg": ("tilt", "angle", "tiltangle"),
    "valve_open": ("valve", "valvestate", "valvestatus"),
    "voltage_v": ("voltage", "currentvoltage", "u", "phvphsa"),
    "volume_total_m3": ("totalm3", "totalflow", "volume", "totalvolume", "cumulativeflow"),
    "water_level_cm": ("waterlevel", "level", "liquidlevel"),
}
"""What devices call a field, in small letters and digits; from public thing models and codecs."""
_COMMON = frozenset({"battery_pct", "rssi_dbm", "temp_c"})
"""Fields of many kinds, which speak for none."""
_TRUE = frozenset({"true", "1", "on", "open", "alarm", "yes", "leak", "opened", "pressed"})
_FALSE = frozenset({"false", "0", "off", "close", "closed", "normal", "no", "ok", "released"})
_SCALES = (1, 0.1, 0.01, 0.001)


def propose_from_traffic(
    messages: Iterable[tuple[str, bytes]],
    decoder: FormatDecoder,
    format_name: str,
    area: str,
    now_ms: int,
) -> MappingSuggestion:
    """A mapping of one source for messages of one format.

    Args:
        messages: topic and body of each.
        decoder: of the format.
        format_name: its name in the catalogue.
        area: the code that will own the source.
        now_ms: the clock.
    """
    seen = observe(messages, decoder, now_ms)
    topics, registry, devices = _identity(seen)
    kind, fields, notes = _fields(seen)
    notes = [*dict.fromkeys(seen.notes), *notes]
    if not fields:
        return proposal("messages", [], [], [*notes, "nothing that was seen is a known field"])
    source = ProposedSource("observed", format_name, topics, registry)
    blocks = source_lines(source, area, {kind: fields})
    return proposal("messages", blocks, [("observed", device) for device in devices], notes)


def _identity(seen: Observation) -> tuple[list[str], str, list[str]]:
    """Topic filters, the registry's template, and the foreign ids that were seen."""
    telling = _telling_names(seen)
    levels = [topic.split("/") for topic in seen.topics]
    by_depth: dict[int, list[list[str]]] = {}
    for path in levels:
        by_depth.setdefault(len(path), []).append(path)
    if telling or len(by_depth) != 1:
        filters = ["/".join(_varying(paths)) for paths in by_depth.values()]
        template = "/".join(f"{{{name}}}" for name in telling)
        ids = ["/".join(names.get(n, "") for n in telling) for names in seen.objects]
        return filters, template or "{device}", ids if telling else []
    (paths,) = by_depth.values()
    filter_ = _varying(paths)
    # Nothing names the object but the topic: a level that varies, or the one before the last.
    at = filter_.index("+") if "+" in filter_ else max(len(filter_) - 2, 0)
    filter_[at] = "{device}"
    return ["/".join(filter_)], "{device}", list(dict.fromkeys(path[at] for path in paths))


def _telling_names(seen: Observation) -> list[str]:
    """The fewest names of the format that tell its objects apart, the first ones first."""
    names = [name for name, values in seen.names.items() if values != {""}]
    if len(seen.objects) == 1:
        return names[:2]  # One object does not show which names tell it from others.
    for count in range(1, 4):
        for chosen in combinations(names, count):
            ids = {tuple(one.get(name, "") for name in chosen) for one in seen.objects}
            if len(ids) == len(seen.objects) and ("",) * count not in ids:
                return list(chosen)
    return names[:3]


def _varying(paths: Sequence[Sequence[str]]) -> list[str]:
    """Levels of topics of one depth, ``+`` where they differ."""
    columns = zip(*paths, strict=True)
    return [column[0] if len(set(column)) == 1 else "+" for column in columns]


def _fields(seen: Observation) -> tuple[str, dict[str, str], list[str]]:
    """The kind of which most is there, its fields, and what is left."""
    kind, fields, used, most = "", dict[str, str](), set[str](), (0, 0.0)
    for candidate, specs in KIND_FIELDS.items():
        found, theirs = _fields_of(seen, specs)
        fit = len(found), len(found) / len(specs)
        if set(found) - _COMMON and fit > most:
            kind, fields, used, most = candidate, found, theirs, fit
    left = [one for path, one in seen.properties.items() if path not in used]
    notes = [f"{one.path}: {_told(one)}; no field was found for it" for one in left if one.count]
    return kind, fields, notes


def _fields_of(seen: Observation, specs: Sequence[FieldSpec]) -> tuple[dict[str, str], set[str]]:
    fields: dict[str, str] = {}
    used: set[str] = set()
    for spec in specs:
        names = (spec.name.replace("_", ""), *NAMES_OF_FIELD.get(spec.name, ()))
        for path, one in seen.properties.items():
            if path in used or _plain(path) not in names:
                continue
            text = _text(one, spec)
            if text is not None:
                fields[spec.name] = f"{text}  # {_told(one)}"
                used.add(path)
                break
    return fields, used


def _plain(path: str) -> str:
    """The last word of a path, in small letters and digits."""
    return "".join(c for c in path.rpartition(".")[2].rpartition(":")[2].lower() if c.isalnum())


def _text(one: ObservedProperty, spec: FieldSpec) -> str | None:
    """How the field would be made; None where what was seen does not fit."""
    if spec.type is FieldType.BOOLEAN:
        states = one.states
        meant = [(value, str(value).lower() in _TRUE) for value in states]
        known = all(str(value).lower() in _TRUE | _FALSE for value in states)
        if not states or not known:
            return None
        forms = ", ".join(f"{quoted(value)}: {str(is_true).lower()}" for value, is_true in meant)
        return f"{{from: {quoted(one.path)}, map: {{{forms}}}}}"
    if spec.type is FieldType.STRING or not one.is_number:
        return None
    low, high = one.numbers
    for scale in _SCALES:
        if (spec.low or 0) <= low * scale and high * scale <= (spec.high or 0):
            scaled = "" if scale == 1 else f", scale: {scale}"
            return f"{{from: {quoted(one.path)}{scaled}}}"
    return None


def _told(one: ObservedProperty) -> str:
    """What was seen of it."""
    if one.is_number:
        low, high = one.numbers
        return f"{one.count} value(s), {low:g} to {high:g}"
    shown = ", ".join(quoted(value) for value in one.states[:4]) or "many texts"
    return f"{one.count} value(s): {shown}"
