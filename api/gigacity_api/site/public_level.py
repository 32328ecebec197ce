"""Down to which level a city makes figures public. Pure, and quick to import: a setting."""

from enum import StrEnum


class PublicLevel(StrEnum):
    """The lowest level that is public."""

    NONE = "none"
    CITY = "city"
    AREA = "area"
    COMMUNITY = "community"
