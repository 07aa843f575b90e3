"""Why an input record or line is not used: closed sets, each word also a metric's label."""

from enum import StrEnum

from stream_app.core.audience import IgnoredReason

__all__ = ["DeadLetterReason", "DecodeError", "IgnoredInput", "IgnoredReason", "invalid"]


class DeadLetterReason(StrEnum):
    """Why a record went to the dead letters."""

    EMPTY = "empty"  # no value where none is expected
    TOO_BIG = "too_big"
    NOT_JSON = "not_json"
    UNKNOWN_FORMAT = "unknown_format"
    UNSUPPORTED_VERSION = "unsupported_version"
    INVALID = "invalid"  # the format is known, a field is not as it must be
    FUTURE = "future"
    KEY_MISMATCH = "key_mismatch"


class DecodeError(Exception):
    """The record is a dead letter. `detail` names field and problem and never holds what the input said."""

    def __init__(self, reason: DeadLetterReason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class IgnoredInput(Exception):
    """The record is sound, but not one that anything here is made from."""

    def __init__(self, reason: IgnoredReason) -> None:
        super().__init__(reason)
        self.reason = reason


def invalid(field: str, problem: str) -> DecodeError:
    """Return the error that says what is wrong with `field`."""
    return DecodeError(DeadLetterReason.INVALID, f"{field}: {problem}")
