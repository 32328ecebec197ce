"""Write every generated file, and say which of them changed."""

import sys

from tests.docs import write

if __name__ == "__main__":
    sys.stdout.writelines(f"{name}\n" for name in write())
