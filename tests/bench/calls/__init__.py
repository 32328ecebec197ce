"""From a call for help to a delivered message: a burst alone, and the whole city's load."""
