"""Errors of the API process, one class per reaction.

GigacityError (of the contract)
  StoreError                     the database did not do what it was asked
    StoreUnavailableError        try again; serve the last evaluation meanwhile
    StoreRefusedError            credentials, rights or storage are missing: say it, try slowly
  RecomputationError             a past instant is not made again
    InstantOutOfRangeError       never: nothing of it is kept, or it has not settled
      CityVersionLostError       its city file is not kept whole
    RecomputationBusyError       not now: another one is being made
    RecomputationCalledOffError  it took too long, or nobody waits for it
  IdempotencyError               a request under an Idempotency-Key is not done
    IdempotencyKeyReusedError    the key belongs to another request
    RequestInProgressError       the first request has no answer yet

``http.problems`` says how a caller is answered.
"""

from gigacity_contract.errors import GigacityError


class StoreError(GigacityError):
    """The database did not do what it was asked."""


class StoreUnavailableError(StoreError):
    """No answer, or one that says to try again later."""


class StoreRefusedError(StoreError):
    """The request is at fault, or credentials, rights or storage are missing."""


class RecomputationError(GigacityError):
    """A past instant is not made again."""


class InstantOutOfRangeError(RecomputationError):
    """The instant lies beyond what is kept, or has not settled yet."""


class CityVersionLostError(InstantOutOfRangeError):
    """The city file of a past instant is not kept whole: its figures cannot be made again."""


class RecomputationBusyError(RecomputationError):
    """Another instant is being made at present."""


class RecomputationCalledOffError(RecomputationError):
    """It took too long, or its caller is gone."""


class IdempotencyError(GigacityError):
    """A request under an Idempotency-Key is not done."""


class IdempotencyKeyReusedError(IdempotencyError):
    """The key was first sent with another request."""


class RequestInProgressError(IdempotencyError):
    """The first request with the key has no answer yet."""
