"""Complaints as their events tell them, in whatever order those came."""

from collections.abc import Sequence
from functools import reduce

from msgspec.structs import replace

from stream_app.core.events import NEVER, InteractionKind, Micros
from stream_app.core.relation import Complaint, Met

SIGNS = frozenset({InteractionKind.COMPLAINT, InteractionKind.REOPENED})
"""What says that something is wrong, as long as it is not solved."""

ANSWERS = frozenset({InteractionKind.ANSWERED, InteractionKind.SOLVED})


def of_complaints(interactions: Sequence[Met]) -> list[Met]:
    """Return the interactions without the reopenings of what began as a question, which is no complaint."""
    return [met for met in interactions if met.kind is not InteractionKind.REOPENED or not _asks(met, interactions)]


def complaint_of(known: Complaint | None, interactions: Sequence[Met]) -> Complaint | None:
    """Return the complaint that was spoken of last; of what is no longer kept, `known` says what there was."""
    told, latest = of_complaints(interactions), last_sign(interactions)
    if latest is None:
        is_older = known is not None and all(met.event_id != known.event_id for met in interactions)
        return reduce(_told, told, known) if known is not None and is_older else None
    of_it = _of(latest, told)
    return reduce(_told, of_it, _begun(known, latest, of_it, interactions[0].occurred_at))


def signs(interactions: Sequence[Met]) -> list[Met]:
    """Return the complaints and their reopenings, solved or not."""
    return [met for met in of_complaints(interactions) if met.kind in SIGNS]


def last_sign(interactions: Sequence[Met]) -> Met | None:
    """Return the last complaint or reopening, solved or not."""
    return max(signs(interactions), key=_by_time, default=None)


def open_signs(interactions: Sequence[Met]) -> list[Met]:
    """Return the complaints and reopenings of which nothing later says that they are solved, by time."""
    return sorted((sign for sign in signs(interactions) if not _solved(sign, interactions)), key=_by_time)


def answered_by(complaint: Met, interactions: Sequence[Met], at: Micros) -> bool:
    """Say whether a complaint was answered or solved up to a time."""
    start = complaint.occurred_at
    return any(met.kind in ANSWERS and start <= met.occurred_at <= at for met in _of(complaint, interactions))


def reopened(complaint: Met, interactions: Sequence[Met]) -> bool:
    """Say whether a complaint was brought up again."""
    return any(
        met.kind is InteractionKind.REOPENED and met.occurred_at >= complaint.occurred_at
        for met in _of(complaint, of_complaints(interactions))
    )


def is_of_one(one: Met | Complaint, other: Met) -> bool:
    """Say whether two events may be of the same complaint: where one names none, it may be any."""
    return not one.ref or not other.ref or one.ref == other.ref


def _asks(reopening: Met, interactions: Sequence[Met]) -> bool:
    """Say whether it was a question that was brought up again: one of that name is known, and no complaint is."""
    of_it = (met for met in interactions if met.ref == reopening.ref and met.occurred_at <= reopening.occurred_at)
    begun = {met.kind for met in of_it} if reopening.ref else set()
    return InteractionKind.INQUIRY in begun and InteractionKind.COMPLAINT not in begun


def _of(complaint: Met, interactions: Sequence[Met]) -> list[Met]:
    return [met for met in interactions if is_of_one(met, complaint)]


def _solved(sign: Met, interactions: Sequence[Met]) -> bool:
    return any(
        met.kind is InteractionKind.SOLVED and met.occurred_at >= sign.occurred_at for met in _of(sign, interactions)
    )


def _begun(known: Complaint | None, latest: Met, of_it: Sequence[Met], kept_from: Micros) -> Complaint:
    complaints = [met for met in of_it if met.kind is InteractionKind.COMPLAINT]
    if not complaints and known is not None and known.occurred_at < kept_from and is_of_one(known, latest):
        return known
    reopenings = [met for met in of_it if met.kind is InteractionKind.REOPENED]
    first = max(complaints, key=_by_time) if complaints else min(reopenings, key=_by_time)
    return Complaint(first.event_id, first.ref, first.occurred_at)


def _told(complaint: Complaint, met: Met) -> Complaint:
    """Return a complaint after an event; what comes before it or speaks of another changes nothing."""
    at = met.occurred_at
    if at < complaint.occurred_at or not is_of_one(complaint, met):
        return complaint
    match met.kind:
        case InteractionKind.ANSWERED:
            return replace(
                complaint, answered_at=at if complaint.answered_at == NEVER else min(at, complaint.answered_at)
            )
        case InteractionKind.SOLVED:
            return replace(complaint, solved_at=max(at, complaint.solved_at))
        case InteractionKind.REOPENED:
            return replace(complaint, reopened_at=max(at, complaint.reopened_at))
    return complaint


def _by_time(met: Met) -> tuple[Micros, str]:
    return met.occurred_at, met.event_id
