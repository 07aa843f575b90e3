"""How a customer stands, as facts: what they are worth, what they say of us, and what they do."""

from collections.abc import Iterator

from stream_app.core.alerts import Cell, Standing
from stream_app.playbooks.placeholders import fill
from stream_app.render.catalogue import Catalogue
from stream_app.render.message import Fact
from stream_app.render.money import about

_PROMOTER, _PASSIVE = 9, 7
_NOT_KNOWN = Standing()


def stands(standing: Standing | None, words: Catalogue) -> Iterator[Fact]:
    """Yield what is known of it."""
    known = standing or _NOT_KNOWN
    label, fact = words.label, words.fact
    rows = (
        (label.stage, fact.onboarding if known.onboarding else ""),
        (label.cell, _cell(known, words)),
        (label.value, about(known.lifetime_value, known.currency) if known.lifetime_value else ""),
        (label.nps, _nps(known.nps, words)),
        (label.buying, fact.campaign_only if known.campaign_only else ""),
        (label.proposed_tier, words.tier[known.proposed_tier] if known.proposed_tier else ""),
    )
    return (Fact(label=label, text=text) for label, text in rows if text)


def _cell(standing: Standing, words: Catalogue) -> str:
    now = _named(standing.cell, words)
    if standing.moved_from is None:
        return now if standing.cell is not None else ""
    return fill(words.fact.moved, {"before": _named(standing.moved_from, words), "after": now})


def _named(cell: Cell | None, words: Catalogue) -> str:
    return words.cell[cell] if cell is not None else words.fact.unknown


def _nps(score: int | None, words: Catalogue) -> str:
    if score is None:
        return ""
    fact = words.fact
    said = fact.promoter if score >= _PROMOTER else fact.passive if score >= _PASSIVE else fact.detractor
    return fill(said, {"score": str(score)})
