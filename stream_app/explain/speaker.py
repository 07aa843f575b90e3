"""Matches and moments in words, as somebody in customer success says them."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from msgspec import Struct

from stream_app.core.alerts import Resolution, SuppressedReason
from stream_app.core.events import Micros
from stream_app.core.language import Language
from stream_app.core.notify.feedback import Feedback
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.people import person_key
from stream_app.core.routing import Target
from stream_app.core.rule_set import RuleSet
from stream_app.explain.ahead import Coming, Want
from stream_app.explain.matches import Alerted, HeldBack, Matched, Told, reader_of
from stream_app.explain.story import Waiting
from stream_app.explain.words import Words, words_of
from stream_app.playbooks.placeholders import fill
from stream_app.render.catalogue import Catalogue, catalogue
from stream_app.render.shown import MAX_ADDRESS, MAX_ID, MAX_REASON, shown
from stream_app.render.when import told_times


class Speaker(Struct, frozen=True, kw_only=True):
    """Who speaks: in which language, by which clock, as of when, of which rules and readers."""

    language: Language
    zone: ZoneInfo
    now: Micros
    rules: RuleSet
    notify: NotifyRules

    @property
    def words(self) -> Words:
        """What an explanation says."""
        return words_of(self.language)

    @property
    def catalogue(self) -> Catalogue:
        """What messages say too."""
        return catalogue(self.language)

    def time(self, at: Micros) -> str:
        """Return a moment."""
        return told_times((at,), self.zone, self.now, self.catalogue)

    def match(self, match: Matched) -> str:
        """Return a match with its fate."""
        match match:
            case Alerted():
                return self._alerted(match)
            case HeldBack():
                return self._held_back(match)

    def over(self, over: Resolution) -> str:
        """Return the end of an alert."""
        why = self.catalogue.over[over.reason]
        return fill(self.words.did.over, {**self._of_rule(over.rule_id), "why": why})

    def feedback(self, said: Feedback) -> str:
        """Return what somebody did with a message."""
        return fill(self.words.did.feedback, {"who": self._person(said.by), "what": self.words.action[said.action]})

    def want(self, want: Want) -> str:
        """Return what a rule still wanted."""
        words = self.words.want
        values = {
            **self._of_rule(want.rule_id),
            "count": str(want.looks),
            "page": self.catalogue.seen[want.category],
            "time": self.time(want.at),
        }
        line = fill(words.look if want.looks == 1 else words.looks, values)
        return line if want.held is None else fill(words.held, {"line": line, "why": self.words.held[want.held]})

    def coming(self, coming: Coming) -> str:
        """Return what a rule says of silence."""
        return fill(self.words.want.silence, {**self._of_rule(coming.rule_id), "time": self.time(coming.at)})

    def asleep(self) -> Iterator[str]:
        """Yield the rules that sleep, with what each lacks."""
        for rule_id, lacks in self.rules.asleep.items():
            feeds = self.catalogue.between_times.join(self.words.feed[feed] for feed in lacks)
            yield fill(self.words.want.asleep, {**self._of_rule(rule_id), "feeds": feeds})

    def happened(self, rule_id: str) -> str:
        """Return what a rule finds; of a rule of other days its id."""
        return self.catalogue.happened.get(rule_id, shown(rule_id, MAX_ID)).rstrip("。.")

    def _of_rule(self, rule_id: str) -> dict[str, str]:
        return {"happened": self.happened(rule_id), "rule": shown(rule_id, MAX_ID)}

    def _alerted(self, match: Alerted) -> str:
        urgency = self.catalogue.urgency[match.alert.severity]
        fates = [*(self._told(one) for one in match.told), *(self._waits(one) for one in match.waiting)]
        fate = self.words.between.join(fates) or self.words.match.pending
        return fill(self.words.match.alert, {**self._of_rule(match.alert.rule_id), "urgency": urgency, "fate": fate})

    def _held_back(self, match: HeldBack) -> str:
        why = self.words.held[match.held.reason]
        if match.held.reason is SuppressedReason.NOT_A_CUSTOMER and match.stage is not None:
            why = fill(self.words.match.stage, {"stage": self.words.stage[match.stage]})
        if match.earlier is not None:
            why = fill(self.words.match.earlier, {"why": why, "time": self.time(match.earlier)})
        return fill(self.words.match.held, {**self._of_rule(match.held.rule_id), "why": why})

    def _told(self, told: Told) -> str:
        words, delivery = self.words.told, told.delivery
        how, whom = self.words.reason[delivery.reason], self.whom(delivery.target)
        if delivery.detail:
            how = fill(words.detail, {"how": how, "detail": shown(delivery.detail, MAX_REASON)})
        values = {"time": self.time(delivery.at), "whom": whom, "how": how}
        line = fill(words.now if told.reached else words.not_told, values)
        if told.delay is None:
            return line
        reader = self._reader(delivery.target) or str(delivery.target.sink)
        return fill(words.late, {"told": line, "why": fill(self.words.delay[told.delay], {"whom": reader})})

    def _waits(self, waiting: Waiting) -> str:
        words, whom = self.words.told, self.whom(waiting.target)
        if waiting.parked:
            return fill(words.parked, {"whom": whom, "why": shown(waiting.parked, MAX_REASON)})
        if waiting.at is None:
            return fill(words.waits_open, {"whom": whom})
        return fill(
            words.waits_digest if waiting.in_digest else words.waits, {"whom": whom, "time": self.time(waiting.at)}
        )

    def whom(self, target: Target) -> str:
        """Return whom a target reaches: somebody by name, else the place."""
        who = self._reader(target)
        return fill(self.words.told.whom, {"who": who, "where": target.sink}) if who else str(target.sink)

    def _reader(self, target: Target) -> str:
        person = reader_of(target, self.notify)
        return self._person(person) if person else shown(target.address, MAX_ADDRESS)

    def _person(self, who: str) -> str:
        known = self.notify.people.get(person_key(who))
        return shown(known.name if known and known.name else who, MAX_ADDRESS)
