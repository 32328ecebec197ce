"""Places that a caller names, as indices of the registered objects."""

from gigacity_api.errors import ApiProblem
from gigacity_api.indicators.inventory import Inventory


def known_area(inventory: Inventory, code: str) -> int:
    """The index of an area; a retired code stands for its successor.

    Raises:
        ApiProblem: 404, there is none.
    """
    current = inventory.city.area_of_code.get(code)
    if current is None:
        raise ApiProblem(404, "unknown-area", "No such area", f"there is no area {code!r}")
    return inventory.area_index[current]


def known_community(inventory: Inventory, code: str) -> int:
    """The index of a community.

    Raises:
        ApiProblem: 404, there is none.
    """
    index = inventory.community_index.get(code)
    if index is None:
        raise ApiProblem(
            404, "unknown-community", "No such community", f"there is no community {code!r}"
        )
    return index


def known_olt(inventory: Inventory, id_: str) -> int:
    """The index of an OLT.

    Raises:
        ApiProblem: 404, there is none.
    """
    index = inventory.olt_index.get(id_)
    if index is None:
        raise ApiProblem(404, "unknown-olt", "No such OLT", f"there is no OLT {id_!r}")
    return index
