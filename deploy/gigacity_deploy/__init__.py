"""The gigacity command, and what only whole systems need."""
