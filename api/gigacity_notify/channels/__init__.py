"""One module a channel: what is sent, signed as the service asks, and what its answers mean."""
