"""Devices that speak other formats: from what a model sampled to topics and payloads. Pure.

It shares no code with the worker's decoders: what one writes the other must understand.
"""
