"""Settings of a command as one dataclass: its flags, its variables, its secrets, its page.

Each field is declared once, by ``setting``, ``flag`` or ``secret``, with its default and meaning.
From that come the command's options (``options_of``) and ``docs/settings.md``. What belongs
together is checked by the class itself, in ``__post_init__``.
"""

import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from gigacity_contract.access import Secret
from gigacity_contract.process.settings import read_secret

_KEY = "setting"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingSpec:
    """How one field is given, and what it means."""

    meaning: str
    """One sentence, units included: the help of the flag and the row of the page."""
    name: str = ""
    """Of the field."""
    variable: str = ""
    """Of the environment; empty: a flag alone."""
    flags: tuple[str, ...] = ()
    """Other than the field's name; a switch with one name cannot be turned off by a flag."""
    default: Any = MISSING
    """``MISSING``: it must be given."""
    shown_default: str | None = None
    """What the page says in its place."""
    low: float | None = None
    high: float | None = None
    panel: str | None = None
    """Heading in the help, below which it stands."""
    is_secret: bool = False
    """Read from the variable or its file; has no flag."""


def setting(default: Any = MISSING, *, meaning: str, **how: Any) -> Any:
    """A field that is a variable and a flag of its name.

    Args:
        default: none: it must be given.
        meaning: one sentence, with the unit.
        how: other members of ``SettingSpec``; ``variable``, where it is not the field's name.
    """
    spec = SettingSpec(meaning=meaning, default=default, **{"variable": "GIGACITY_*", **how})
    return field(default=default, metadata={_KEY: spec})


def flag(default: Any = MISSING, *, meaning: str, **how: Any) -> Any:
    """A field that is a flag alone: what differs from call to call."""
    return setting(default, meaning=meaning, variable="", **how)


def secret(*, meaning: str, variable: str = "GIGACITY_*") -> Any:
    """A field of type ``Secret``: a variable, or a file that ``NAME_FILE`` names; never a flag."""
    return setting(Secret(""), meaning=meaning, variable=variable, is_secret=True)


def settings_of(kind: type[Any]) -> Iterator[SettingSpec]:
    """Every setting of a class, those of its bases first."""
    for member in fields(kind):
        spec: SettingSpec = member.metadata[_KEY]
        variable = spec.variable.replace("*", member.name.upper())
        yield replace(spec, name=member.name, variable=variable)


def secrets_of(kind: type[Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """The secrets of a class by field name; those that are not set are empty.

    Raises:
        ConfigError: one is given twice, or its file cannot be read.
    """
    specs = (spec for spec in settings_of(kind) if spec.is_secret)
    return {spec.name: read_secret(spec.variable, environ) for spec in specs}


def options_of(kind: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a command, whose last argument is a ``kind``, have an option for each of its settings.

    Typer reads options from a signature alone, and so gets one with a parameter for each. The
    secrets are read when the command is called.
    """

    def spread(command: Callable[..., None]) -> Callable[..., None]:
        *others, last = inspect.signature(command, eval_str=True).parameters.values()
        parameters = [*others, *_parameters(kind)]

        @wraps(command)
        def called(**given: Any) -> None:
            before = {parameter.name: given.pop(parameter.name) for parameter in others}
            settings = kind(**given, **secrets_of(kind, os.environ))
            command(**before, **{last.name: settings})

        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {p.name: p.annotation for p in parameters}
        del called.__wrapped__  # its signature is another one
        return called

    return spread


def _parameters(kind: type[Any]) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(kind)
    for spec in settings_of(kind):
        if spec.is_secret:
            continue
        option = typer.Option(
            *spec.flags,
            envvar=spec.variable or None,
            help=spec.meaning,
            min=spec.low,
            max=spec.high,
            rich_help_panel=spec.panel,
        )
        yield inspect.Parameter(
            spec.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if spec.default is MISSING else spec.default,
            annotation=Annotated[hints[spec.name], option],
        )
