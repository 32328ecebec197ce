"""What is wrong with an entry, field by field, in both languages. Pure."""

from typing import NamedTuple


class Fault(NamedTuple):
    """What is wrong with one field."""

    field: str
    en: str
    zh: str


class Faults(list[Fault]):
    """Every fault of one entry."""

    def add(self, field: str, en: str, zh: str) -> None:
        """Note one."""
        self.append(Fault(field, en, zh))
