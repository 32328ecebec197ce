"""Places that a caller names, as indices of the registered objects."""

from gigacity_api.errors import ApiProblem
from gigacity_api.indicators.universe import Universe


def known_area(universe: Universe, code: str) -> int:
    """The index of an area; a retired code stands for its successor.

    Raises:
        ApiProblem: 404, there is none.
    """
    current = universe.city.area_of_code.get(code)
    if current is None:
        raise ApiProblem(404, "unknown-area", "No such area", f"there is no area {code!r}")
    return universe.area_index[current]


def known_community(universe: Universe, code: str) -> int:
    """The index of a community.

    Raises:
        ApiProblem: 404, there is none.
    """
    index = universe.community_index.get(code)
    if index is None:
        raise ApiProblem(
            404, "unknown-community", "No such community", f"there is no community {code!r}"
        )
    return index


def known_olt(universe: Universe, id_: str) -> int:
    """The index of an OLT.

    Raises:
        ApiProblem: 404, there is none.
    """
    index = universe.olt_index.get(id_)
    if index is None:
        raise ApiProblem(404, "unknown-olt", "No such OLT", f"there is no OLT {id_!r}")
    return index
