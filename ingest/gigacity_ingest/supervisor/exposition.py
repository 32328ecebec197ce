"""Prometheus texts of several workers as one: each family once, with everybody's samples. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Family:
    """One metric of the supervisor itself."""

    name: str
    kind: str
    help: str
    samples: list[str] = field(default_factory=list)

    def add(self, value: float, **labels: str) -> None:
        """One sample."""
        inside = ",".join(f'{name}="{_escape(text)}"' for name, text in labels.items())
        series = f"{self.name}{{{inside}}}" if inside else self.name
        self.samples.append(f"{series} {float(value)}")

    def text(self) -> bytes:
        """Its exposition."""
        head = [f"# HELP {self.name} {self.help}", f"# TYPE {self.name} {self.kind}"]
        return "".join(f"{line}\n" for line in (*head, *self.samples)).encode()


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def join_expositions(texts: Iterable[bytes]) -> bytes:
    """One text in which every family stands once, in order of first appearance."""
    heads: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for text in texts:
        family = ""
        for line in text.decode().splitlines():
            if line.startswith(("# HELP ", "# TYPE ")):
                family = line.split(" ", 3)[2]
                head = heads.setdefault(family, [])
                if line not in head:
                    head.append(line)
            elif line:
                samples.setdefault(family, []).append(line)
    lines = [line for family in heads for line in (*heads[family], *samples.get(family, ()))]
    return "".join(f"{line}\n" for line in lines).encode()
