"""``python -m gigacity_ingest``: the worker's commands without the others."""

import sys

from gigacity_contract.errors import GigacityError
from gigacity_ingest.cli import app


def main() -> None:
    """Run the command line; whatever is told on purpose ends with exit code 2."""
    try:
        app()
    except GigacityError as error:
        sys.stderr.write(f"gigacity_ingest: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
