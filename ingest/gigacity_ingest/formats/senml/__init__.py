"""SenML (RFC 8428): packs of sensor measurements as JSON or CBOR."""
