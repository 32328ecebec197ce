"""Whether one publisher does what the native contract asks, judged from what it sends. Pure."""
