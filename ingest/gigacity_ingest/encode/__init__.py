"""From validated structs to line protocol. Pure, and driven by the contract's storage table."""
