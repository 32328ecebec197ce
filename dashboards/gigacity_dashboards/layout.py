"""Where panels stand: rows of 24 columns, filled from left to right. Pure."""

from gigacity_dashboards import sdk
from gigacity_dashboards.house import COLUMNS

PanelBuilder = sdk.Builder[sdk.models.Panel]


class Layout:
    """Places panels on a board one after the other; a row that is full starts the next."""

    def __init__(self) -> None:
        self.panels: list[sdk.models.Panel | sdk.models.RowPanel] = []
        self._collapsed: sdk.models.RowPanel | None = None
        self._x = self._y = self._row_height = 0

    def row(self, panel_id: int, title: str, *, collapsed: bool = False) -> None:
        """Begin a titled row; a collapsed one takes its panels in and loads them when opened."""
        self._break()
        self._leave_collapsed()
        place = sdk.models.GridPos(x=0, y=self._y, w=COLUMNS, h=1)
        row = sdk.models.RowPanel(id_val=panel_id, title=title, collapsed=collapsed)
        row.grid_pos = place
        self.panels.append(row)
        self._collapsed = row if collapsed else None
        self._y += 1

    def place(self, panel: PanelBuilder, *, width: int, height: int) -> None:
        """Put a panel into the next free place."""
        if self._x + width > COLUMNS:
            self._break()
        built = panel.build()
        built.grid_pos = sdk.models.GridPos(x=self._x, y=self._y, w=width, h=height)
        if self._collapsed is None:
            self.panels.append(built)
        else:
            self._collapsed.panels.append(built)
        self._x += width
        self._row_height = max(self._row_height, height)

    def _break(self) -> None:
        self._x = 0
        self._y += self._row_height
        self._row_height = 0

    def _leave_collapsed(self) -> None:
        """What follows a closed row stands right below it, as Grafana itself saves it."""
        if self._collapsed is not None and self._collapsed.grid_pos is not None:
            self._y = self._collapsed.grid_pos.y + 1
        self._collapsed = None
