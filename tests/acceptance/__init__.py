"""What a stranger does with the project: takes it over, adds to it, installs it."""
