"""The arithmetic of figures, on plain numbers and on columns alike.

A ratio of a whole is always the sum of its parts' numerators over the sum of their denominators,
and never a mean of their ratios.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def ratio(part: ArrayLike, whole: ArrayLike) -> NDArray[np.float64]:
    """Part of whole; NaN where the whole is zero."""
    top, bottom = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    result = np.full(np.broadcast(top, bottom).shape, np.nan)
    np.divide(top, bottom, out=result, where=bottom > 0)
    return result
