"""When a desk reminds and escalates: by the text of the decision."""


class Reminding:
    """The part of a desk that comes back to what nobody took up."""

    def remind(self, matter, now):
        open_ = self.world.hours(matter.routing).is_open(now)
        if matter.snoozed_until is not None and now >= matter.snoozed_until and open_:
            matter.snoozed_until = None
            if matter.recalled:
                self.say("remind", [matter], now)
        if matter.remind_at is not None and now >= matter.remind_at and open_:
            matter.remind_at = None
            self.say("remind", [matter], now)
        if matter.escalate_at is not None and now >= matter.escalate_at and self.second_open(now):
            matter.escalate_at = None
            self.escalate(matter, now)

    def second_open(self, now):
        return self.world.calendars[""].is_open(now)

    def escalate(self, matter, now):
        second = self.world.second_target()
        if second == self.target:
            self.say("escalate", [matter], now)
        else:
            self.orders.append((second, matter))
