"""Sparkplug B 3.0: edge nodes that say once what they have, and then only what changed."""
