"""State machines between the broker and the database. Pure: time comes in as a number."""
