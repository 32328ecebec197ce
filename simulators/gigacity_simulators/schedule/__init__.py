"""When things happen: due instants, changes and cuts. Pure; time comes in as an argument."""
