"""Database, retention policies and users on InfluxDB 1.x and openGemini, by InfluxQL."""

from collections.abc import Callable

from gigacity_contract.access import Secret
from gigacity_contract.errors import QueryError
from gigacity_contract.influx import parse_query
from gigacity_contract.measurements import POLICIES, RetentionPolicy
from gigacity_ingest.influx.writer import InfluxWriter
from gigacity_ingest.provisioning.roles import PRIVILEGES, DatabaseRole

Run = Callable[[str], None]
"""Runs one InfluxQL statement; raises QueryError."""

_POLICY_EXISTS = ("already exists", "conflicts with an existing policy")
"""With another retention, in the words of 1.x and of openGemini."""


def quote_identifier(name: str) -> str:
    """A name between double quotes."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def quote_string(text: str) -> str:
    """A string between single quotes."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def runner(writer: InfluxWriter) -> Run:
    """Runs statements with the writer's credentials."""

    def run(statement: str) -> None:
        answer = writer.query(statement)
        parse_query(answer.status, answer.body)

    return run


def _policy_statement(policy: RetentionPolicy, bucket: str) -> str:
    # For ever is 0s: openGemini does not know the word INF.
    default = " DEFAULT" if policy.name == POLICIES[0].name else ""
    return (
        f"CREATE RETENTION POLICY {quote_identifier(policy.name)} ON {quote_identifier(bucket)}"
        f" DURATION {policy.duration_s}s REPLICATION 1{default}"
    )


def create_storage_v1(run: Run, bucket: str) -> list[str]:
    """Database and policies; what is there stays as it is.

    Returns:
        A sentence for each policy that exists with another retention than the contract's.

    Raises:
        QueryError: no right to, or another refusal.
    """
    run(f"CREATE DATABASE {quote_identifier(bucket)}")
    differing = []
    for policy in POLICIES:
        try:
            run(_policy_statement(policy, bucket))
        except QueryError as error:
            if not any(text in error.message for text in _POLICY_EXISTS):
                raise
            differing.append(
                f"policy {policy.name} exists with another retention and was left as it is"
            )
    return differing


def create_user(run: Run, role: DatabaseRole, bucket: str) -> None:
    """One user with its password and its privilege on the database, and no other.

    Raises:
        QueryError: no right to, or another refusal.
    """
    user, password = quote_identifier(role.user), quote_string(role.password.reveal())
    try:
        run(f"CREATE USER {user} WITH PASSWORD {password}")
    except QueryError as error:
        if "already exists" not in error.message:
            raise
        _set_password(run, user, password)
    run(f"GRANT {PRIVILEGES[role.name]} ON {quote_identifier(bucket)} TO {user}")


def _set_password(run: Run, user: str, password: str) -> None:
    try:
        run(f"SET PASSWORD FOR {user} = {password}")
    except QueryError as error:
        # openGemini takes no password twice in a row: it is the wanted one already.
        if "same as the old one" not in error.message:
            raise


def create_first_admin(run: Run, username: str, password: Secret) -> bool:
    """Make the first administrator of a server that asks for one; false if it has one.

    Until then 1.x with authentication answers every other statement with 403.

    Raises:
        QueryError: another refusal.
    """
    try:
        run("SHOW DATABASES")
    except QueryError as error:
        if "create admin user first" not in error.message:
            raise
    else:
        return False
    user, secret = quote_identifier(username), quote_string(password.reveal())
    run(f"CREATE USER {user} WITH PASSWORD {secret} WITH ALL PRIVILEGES")
    return True
