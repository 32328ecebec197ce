"""What is wrong with a device, as bits; plain integers, since one byte a device holds a city."""

from typing import Final

SOUND: Final = 0
DEAD: Final = 1
"""Neither samples nor answers."""
NO_PICTURE: Final = 2
"""A camera that delivers no picture."""
DAMAGED: Final = 4
"""A camera that is not intact: fogged, turned away, its recorder failing."""
ALARM: Final = 8
"""What the kind raises as an event: smoke, gas, a forced door, a press of the help button."""
