"""What a point costs a consumer while messages come at a pace, instead of waiting in a queue."""
