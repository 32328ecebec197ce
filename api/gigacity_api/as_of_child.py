"""``python -I -m gigacity_api.as_of_child``: bounds first, then the service of the past.

Imports alone take as much memory as a small city: the process must be the first to be ended when
memory ends before it has taken any.
"""

from gigacity_api.child_limits import bound_this_process

MAX_MEMORY_BYTES = 2 * 2**30
"""Of addresses: a city of 300,000 devices takes a fifth of it."""


def main() -> None:
    """Serve until standard input ends."""
    bound_this_process(MAX_MEMORY_BYTES)
    from gigacity_api.as_of_service import run  # noqa: PLC0415 - under the limits

    run()


if __name__ == "__main__":
    main()
