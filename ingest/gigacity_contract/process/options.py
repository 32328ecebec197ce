"""Options of a command as one dataclass: each has its name, help and default in one place.

Every field becomes an option of its name; its annotation says how it is called and read. Knows
nothing of the library that parses them, which only looks at a function's signature.
"""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import wraps
from typing import Any, get_type_hints


def options_of(kind: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a command, whose last argument is a ``kind``, have an option for each of its fields.

    Args:
        kind: a dataclass. A field without a default is an option that must be given.
    """

    def spread(command: Callable[..., None]) -> Callable[..., None]:
        *others, _ = inspect.signature(command, eval_str=True).parameters.values()
        hints = get_type_hints(kind, include_extras=True)

        @wraps(command)
        def called(**given: Any) -> None:
            before = [given.pop(parameter.name) for parameter in others]
            command(*before, kind(**given))

        options = [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if field.default is MISSING else field.default,
                annotation=hints[field.name],
            )
            for field in fields(kind)
        ]
        called.__signature__ = inspect.Signature([*others, *options])  # type: ignore[attr-defined]
        called.__annotations__ = {p.name: p.annotation for p in (*others, *options)}
        del called.__wrapped__  # its signature is another one
        return called

    return spread
