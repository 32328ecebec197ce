"""Write every generated document, and say which of them changed."""

import sys

from tests.docs import write

if __name__ == "__main__":
    sys.stdout.writelines(f"docs/{name}\n" for name in write())
