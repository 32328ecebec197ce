"""Communities: the smart-community standard, item by item, and what offices report of them."""
