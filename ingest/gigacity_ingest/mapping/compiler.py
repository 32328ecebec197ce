"""Makes one Python function of a kind's fields; what is unusual goes to ``FieldTaker``.

The text of the function is made from numbers of variables and from ``repr`` of checked texts alone;
everything else (structs, tables, takers) is bound by name. An Alink report of four properties takes
0.3 us so, 2 us by closures with the same shortcuts, and 20 to 1,000 us by libraries that interpret
paths.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from gigacity_contract.fields import FieldType
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.payloads import Port
from gigacity_ingest.formats.paths import FieldPath
from gigacity_ingest.mapping.counts import OUTCOMES, SourceCounts, UnmappedNames
from gigacity_ingest.mapping.definitions import (
    PON_PORT_KIND,
    FieldDefinition,
    KindDefinition,
)
from gigacity_ingest.mapping.field_values import (
    FieldTaker,
    NumberRule,
    inline_sentinels,
)
from gigacity_ingest.mapping.property_paths import ABSENT, Objects, PropertyPath, step_down

KindFunction = Callable[
    [Mapping[str, Any], Objects, Mapping[str, str], Mapping[str, str], list[str]], Any
]
"""Values, objects around them, names of the format and of the topic, and a list that gets what is
wrong. Gives a ``Values`` struct, or a ``Port`` that lacks slot and port; None if no field has a
value."""
_EMPTY: Mapping[str, Any] = {}


class FunctionWriter:
    """Lines of one function, and what they are bound to."""

    def __init__(
        self,
        definition: KindDefinition,
        counts: list[int],
        names: UnmappedNames,
        used_elsewhere: Collection[FieldPath],
    ) -> None:
        self._definition = definition
        self._used_elsewhere = used_elsewhere
        self._lines: list[str] = []
        self._objects: dict[tuple[str, FieldPath], str] = {}
        """Variable of each object on the way to a property; an empty one where it is not there."""
        self._known: dict[FieldPath, set[str]] = {(): set()}
        """Members of the objects in the reading that lead to a property."""
        self.bound: dict[str, Any] = {
            "A": ABSENT, "C": counts, "E": _EMPTY, "N": names.note, "D": step_down,
        }  # fmt: skip

    def write(self) -> str:
        """The text of the function."""
        fields = self._definition.fields
        for number, field in enumerate(fields):
            self._property(field)
            self._value(number, field)
        self._unmapped()
        variables = [f"f{number}" for number in range(len(fields))]
        self._line(f"if {' and '.join(f'{v} is None' for v in variables)}: return None")
        self._result(variables)
        return "def apply(v, p, n, t, w):\n" + "\n".join(f"    {line}" for line in self._lines)

    def _line(self, text: str) -> None:
        self._lines.append(text)

    def _property(self, field: FieldDefinition) -> None:
        """``x``: the first property that is there; null only where no other one is."""
        first, *others = field.paths
        self._line(f"x = {self._expression(first)}")
        for other in others:
            self._line("if x is A or x is None:")
            # The way to the other property must be known before the branch.
            expression = self._expression(other, before=True)
            self._line(f"    y = {expression}")
            self._line("    if y is not A: x = y")

    def _expression(self, path: PropertyPath, *, before: bool = False) -> str:
        if path.name:
            return f"n.get({path.name!r}, t.get({path.name!r}, A))"
        root = self._root(path.ups, before=before)
        if any(step.isdecimal() for step in path.steps):
            if root == "v":
                self._known[()].add(path.steps[0])
            return f"D({root}, {path.steps!r})"
        holder = root
        for depth in range(1, len(path.steps)):
            holder = self._object(root, path.steps[:depth], before=before)
        if root == "v":
            self._known.setdefault(path.steps[:-1], set()).add(path.steps[-1])
        return f"{holder}.get({path.steps[-1]!r}, A)"

    def _root(self, ups: int, *, before: bool) -> str:
        if not ups:
            return "v"
        name = f"u{ups}"
        if (name, ()) not in self._objects:
            self._objects[name, ()] = name
            self._put(f"{name} = p[{ups - 1}] if len(p) >= {ups} else E", before=before)
        return name

    def _object(self, root: str, steps: FieldPath, *, before: bool) -> str:
        known = self._objects.get((root, steps))
        if known is not None:
            return known
        holder = root if len(steps) == 1 else self._objects[root, steps[:-1]]
        name = self._objects[root, steps] = f"o{len(self._objects)}"
        self._put(f"{name} = {holder}.get({steps[-1]!r})", before=before)
        self._put(f"if {name}.__class__ is not dict: {name} = E", before=before)
        if root == "v":
            self._known.setdefault(steps[:-1], set()).add(steps[-1])
            self._known.setdefault(steps, set())
        return name

    def _put(self, text: str, *, before: bool) -> None:
        """A line; ``before`` the branch that was just opened, so that it always runs."""
        if before:
            self._lines.insert(len(self._lines) - 1, text)
        else:
            self._line(text)

    def _value(self, number: int, field: FieldDefinition) -> None:
        """``f``: the field's value; what is not as nearly every message has it, by its taker."""
        target, taker = f"f{number}", f"T{number}(x, C, w)"
        self.bound[f"T{number}"] = FieldTaker(field, number).take
        absent = f"{target} = None; C[{number * len(OUTCOMES)}] += 1"
        if field.forms is not None:
            self.bound[f"M{number}"] = dict(field.forms)
            self._line(f"if x is A: {absent}")
            self._line("else:")
            self._line(f"    try: {target} = M{number}[x]")
            self._line(f"    except (KeyError, TypeError): {target} = {taker}")
        elif field.spec.type is FieldType.STRING:
            self._line(f"{target} = {taker}")
        else:
            if field.spec.type is FieldType.BOOLEAN:
                self._line(f"if x is True or x is False: {target} = x")
            else:
                self._number(number, field)
            self._line(f"elif x is A: {absent}")
            self._line(f"else: {target} = {taker}")

    def _number(self, number: int, field: FieldDefinition) -> None:
        rule = NumberRule.of(field)
        is_real = field.spec.type is FieldType.FLOAT
        is_same = (rule.a, rule.b, rule.d) == (1, 0, 1)
        kinds = "x.__class__ is int"
        if is_real or not is_same:
            kinds = f"({kinds} or x.__class__ is float)"
        checks = [kinds, f"{rule.low!r} <= x <= {rule.high!r}"]
        if hidden := inline_sentinels(field):
            self.bound[f"S{number}"] = hidden
            checks.append(f"x not in S{number}")
        value = _linear(rule)
        if not is_real:
            value = value if is_same else f"round({value})"
        elif rule.d == 1:
            value = f"{value} + 0.0"
        self._line(f"if {' and '.join(checks)}: f{number} = {value}")

    def _unmapped(self) -> None:
        if "*" in self._definition.ignored:
            return
        for path in self._used_elsewhere:
            for depth, step in enumerate(path):
                if path[:depth] in self._known:
                    self._known[path[:depth]].add(step)
        for steps, known in self._known.items():
            variable = "v" if not steps else self._objects["v", steps]
            constant = f"K{len(self.bound)}"
            self.bound[constant] = known
            prefix = "".join(f"{step}." for step in steps)
            self._line(
                f"if not {constant}.issuperset({variable}): N({variable}, {constant}, {prefix!r})"
            )

    def _result(self, variables: list[str]) -> None:
        fields = self._definition.fields
        pairs = list(zip(fields, variables, strict=True))
        arguments = [f"{field.spec.name}={name}" for field, name in pairs]
        if self._definition.kind == PON_PORT_KIND:
            # Which port it is, the mapper knows; so may its technology be.
            known = {field.spec.name for field in fields}
            arguments += ["slot=0", "port=0"] + ([] if "tech" in known else ["tech=None"])
            self.bound["V"] = Port
        else:
            self.bound["V"] = CATALOGUE[self._definition.kind].values
        self._line(f"return V({', '.join(arguments)})")


def _linear(rule: NumberRule) -> str:
    text = "x" if rule.a == 1 else f"x * {rule.a!r}"
    if rule.b:
        text = f"({text} + {rule.b!r})"
    return text if rule.d == 1 else f"{text} / {rule.d!r}"


def compile_kind(
    definition: KindDefinition,
    counts: SourceCounts,
    number: int,
    used_elsewhere: Collection[FieldPath] = (),
) -> tuple[KindFunction, str]:
    """The function of one kind, and its text.

    Args:
        definition: of the kind.
        counts: of its source; the function adds to them.
        number: of the kind among those of its source.
        used_elsewhere: properties that identity or time are made of: they are not unmapped.
    """
    names = UnmappedNames(counts, definition.ignored)
    writer = FunctionWriter(definition, counts.fields[number], names, used_elsewhere)
    text = writer.write()
    namespace = dict(writer.bound)
    # Only what ``FunctionWriter`` wrote: numbers, and reprs of texts that the language has checked.
    exec(compile(text, f"<mapping of {definition.kind}>", "exec"), namespace)  # noqa: S102
    return namespace["apply"], text
