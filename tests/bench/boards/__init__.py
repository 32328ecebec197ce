"""``python -m tests.bench boards``: how long each panel of each board takes over a whole city."""
