"""Below the application: sockets, connections and their bounds. No key is known here yet."""
