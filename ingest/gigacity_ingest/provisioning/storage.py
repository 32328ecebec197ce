"""Makes the storage of a worker, whatever the server's flavour."""

from gigacity_contract.influx import InfluxEndpoint, Server
from gigacity_ingest.influx.writer import InfluxWriter
from gigacity_ingest.provisioning.influx1 import create_storage_v1, runner


def create_storage(
    server: Server, writer: InfluxWriter, endpoint: InfluxEndpoint, org: str
) -> list[str]:
    """Make what is missing with the given credentials.

    Returns:
        A sentence for each policy or bucket that exists with another retention than the contract's.

    Raises:
        GigacityError: no right to, or another refusal.
    """
    if not server.has_buckets:
        return create_storage_v1(runner(writer), endpoint.bucket)
    # Imported here: it takes 0.8 s, and a worker whose storage exists never needs it.
    from gigacity_ingest.provisioning.influx2 import BucketProvisioner  # noqa: PLC0415

    with BucketProvisioner(endpoint, org) as provisioner:
        return provisioner.create_storage()
