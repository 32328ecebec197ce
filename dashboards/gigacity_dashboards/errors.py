"""Errors of the boards, one class per reaction.

GigacityError
  PanelQueryError a panel names what the storage table does not have: a bug, nothing is written
  ExpandError     a query would reach the database with its ``$``: a bug of the board
  GrafanaError    Grafana cannot be asked, or something in it is not well: a failed check
"""

from gigacity_contract.errors import GigacityError


class PanelQueryError(GigacityError):
    """A panel's query names something that the storage table does not have."""


class ExpandError(GigacityError):
    """A query holds a macro or variable that cannot be filled in."""


class GrafanaError(GigacityError):
    """Something in Grafana is not well; the message says what to do.

    ``status`` is that of Grafana's answer, 0 without one.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status
