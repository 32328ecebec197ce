"""Sockets, files and threads of the worker; nothing outside this package touches them."""
