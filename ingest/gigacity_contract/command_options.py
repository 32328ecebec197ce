"""Options of a command as one dataclass: each has its name, help and default in one place.

Every field becomes an option of its name; its annotation says how it is called and read. Knows
nothing of the library that parses them, which only looks at a function's signature.
"""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import wraps
from typing import Any, TypeVar, get_type_hints

Given = TypeVar("Given")


def options_of(
    kind: type[Given],
) -> Callable[[Callable[[Any, Given], None]], Callable[..., None]]:
    """Let a command that takes its context and a ``kind`` have an option for each of its fields.

    Args:
        kind: a dataclass, whose fields all have defaults.
    """

    def spread(command: Callable[[Any, Given], None]) -> Callable[..., None]:
        context, _ = inspect.signature(command, eval_str=True).parameters.values()
        hints = get_type_hints(kind, include_extras=True)

        @wraps(command)
        def called(context: Any, **given: Any) -> None:
            command(context, kind(**given))

        options = [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if field.default is MISSING else field.default,
                annotation=hints[field.name],
            )
            for field in fields(kind)  # type: ignore[arg-type] # a dataclass, as said above
        ]
        called.__signature__ = inspect.Signature([context, *options])  # type: ignore[attr-defined]
        called.__annotations__ = {p.name: p.annotation for p in (context, *options)}
        del called.__wrapped__  # its signature is another one
        return called

    return spread
