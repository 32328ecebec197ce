"""Errors of the boards, one class per reaction.

GigacityError
  PanelQueryError  a panel's query is wrong: a bug of the board, nothing is generated or asked
  GrafanaError     Grafana cannot be asked, or something in it is not well: a failed check
"""

from gigacity_contract.errors import GigacityError


class PanelQueryError(GigacityError):
    """A panel's query names what the storage table or the board does not have."""


class GrafanaError(GigacityError):
    """Something in Grafana is not well; the message says what to do.

    ``status`` is that of Grafana's answer, 0 without one.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status
