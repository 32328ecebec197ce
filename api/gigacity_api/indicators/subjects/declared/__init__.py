"""What offices report, with the evidence they hold; nothing here can measure it."""
