"""One function a panel. Each takes its id and its words, and returns a builder."""
