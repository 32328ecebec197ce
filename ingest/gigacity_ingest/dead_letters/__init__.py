"""Messages that cannot be stored: kept, listed, replayed, exported."""
