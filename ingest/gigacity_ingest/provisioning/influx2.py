"""Buckets, mappings and tokens on InfluxDB 2.x, through influxdb-client.

Every policy is the bucket ``<bucket>/<policy>`` with an explicit mapping from database and policy,
so that the InfluxQL and line protocol paths are those of 1.x. Running it again changes nothing,
except that tokens are made anew: the server never shows an old one again.
"""

from typing import Any

import influxdb_client
import urllib3
from influxdb_client.rest import ApiException

from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.influx import InfluxEndpoint
from gigacity_contract.influx.answers import error_text
from gigacity_contract.measurements import POLICIES
from gigacity_ingest.provisioning.roles import ACTIONS, DatabaseRole, ProvisioningError

_api: Any = influxdb_client  # Its own annotations are too sparse for strict checking.
_TIMEOUT_MS = 10_000


class BucketProvisioner:
    """One administrator's session.

    Args:
        endpoint: its secret is an API token.
        org: name of the organisation.

    Raises:
        ConfigError: no organisation is named.
    """

    def __init__(self, endpoint: InfluxEndpoint, org: str) -> None:
        if not org:
            raise ConfigError("GIGACITY_INFLUX_ORG is empty; InfluxDB 2.x needs the organisation")
        self._org_name = org
        self._bucket = endpoint.bucket
        self._client = _api.InfluxDBClient(
            url=str(endpoint.address),
            token=endpoint.secret.reveal(),
            org=org,
            timeout=_TIMEOUT_MS,
            ssl_ca_cert=endpoint.ca_file or None,
        )

    def __enter__(self) -> "BucketProvisioner":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def create_storage(self) -> list[str]:
        """Buckets and mappings that are missing; what is there stays as it is.

        Returns:
            A sentence for each bucket that exists with another retention than the contract's.

        Raises:
            ProvisioningError: a refusal, or no answer.
        """
        differing: list[str] = self._guarded(self._create_storage)
        return differing

    def create_token(self, role: DatabaseRole) -> Secret:
        """A new token for a role, instead of the one it had.

        Raises:
            ProvisioningError: a refusal, or no answer.
        """
        return Secret(self._guarded(lambda: self._create_token(role)))

    def _guarded(self, action: Any) -> Any:
        """Run an action, and map what the client raises."""
        try:
            return action()
        except ApiException as error:
            text = f"InfluxDB 2.x answers {error.status}: {_message(error)}"
            raise ProvisioningError(text) from None
        except urllib3.exceptions.HTTPError as error:
            raise ProvisioningError(f"InfluxDB 2.x does not answer: {error}") from None

    def _org_id(self) -> str:
        organisations = self._client.organizations_api().find_organizations(org=self._org_name)
        for organisation in organisations:
            if organisation.name == self._org_name:
                return str(organisation.id)
        raise ProvisioningError(
            f"organisation {self._org_name!r} is not visible with this token; check"
            " GIGACITY_INFLUX_ORG and the token"
        )

    def _bucket_name(self, policy: str) -> str:
        return f"{self._bucket}/{policy}"

    def _create_storage(self) -> list[str]:
        org_id, api = self._org_id(), self._client.buckets_api()
        differing = []
        ids: dict[str, str] = {}
        for policy in POLICIES:
            name = self._bucket_name(policy.name)
            bucket = api.find_bucket_by_name(name)
            if bucket is None:
                rules = _api.BucketRetentionRules(type="expire", every_seconds=policy.duration_s)
                request = _api.PostBucketRequest(org_id=org_id, name=name, retention_rules=[rules])
                bucket = api.create_bucket(bucket=request)
            elif _retention_s(bucket) != policy.duration_s:
                differing.append(
                    f"bucket {name} exists with another retention and was left as it is"
                )
            ids[policy.name] = str(bucket.id)
        self._create_mappings(org_id, ids)
        return differing

    def _create_mappings(self, org_id: str, bucket_ids: dict[str, str]) -> None:
        service = _api.DBRPsService(self._client.api_client)
        found = service.get_dbr_ps(org_id=org_id, db=self._bucket)
        mapped = {
            mapping.retention_policy
            for mapping in found.content or []
            if mapping.database == self._bucket and not mapping.virtual
        }
        for policy, bucket_id in bucket_ids.items():
            if policy not in mapped:
                service.post_dbrp(
                    _api.DBRPCreate(
                        org_id=org_id,
                        bucket_id=bucket_id,
                        database=self._bucket,
                        retention_policy=policy,
                        default=policy == POLICIES[0].name,
                    )
                )

    def _create_token(self, role: DatabaseRole) -> str:
        org_id, buckets = self._org_id(), self._client.buckets_api()
        permissions = []
        for policy in POLICIES:
            bucket = buckets.find_bucket_by_name(self._bucket_name(policy.name))
            resource = _api.PermissionResource(type="buckets", id=bucket.id, org_id=org_id)
            permissions += [
                _api.Permission(action=action, resource=resource) for action in ACTIONS[role.name]
            ]
        api = self._client.authorizations_api()
        former = [a for a in api.find_authorizations() if a.description == role.user]
        made = api.create_authorization(
            authorization=_api.Authorization(
                org_id=org_id, description=role.user, permissions=permissions
            )
        )
        for authorization in former:
            api.delete_authorization(authorization)
        return str(made.token)


def _retention_s(bucket: Any) -> int:
    rules = bucket.retention_rules or []
    return int(rules[0].every_seconds) if rules else 0


def _message(error: ApiException) -> str:
    """The server's own words, which the client keeps in the body only."""
    body = error.body or b""
    return error_text(body.encode() if isinstance(body, str) else body) or str(error.reason)
