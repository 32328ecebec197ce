"""``gigacity watch``: what a running system says of itself, on a terminal."""
