"""How tags of a metric are named where identity is looked for: ``tags.`` before each."""

MEASUREMENT = "measurement"
PREFIX = "tags."
_MAX_KNOWN = 1000


class TagNames(dict[str, str]):
    """A tag to its name, made once for each; forgets all where somebody invents tags."""

    def __missing__(self, tag: str) -> str:
        if len(self) >= _MAX_KNOWN:
            self.clear()
        name = self[tag] = PREFIX + tag
        return name
