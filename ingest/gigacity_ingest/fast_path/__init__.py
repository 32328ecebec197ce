"""The fast way of a message: scanner of PUBLISH packets, and decoding straight to lines."""
