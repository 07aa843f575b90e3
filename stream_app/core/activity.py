"""On which days a customer was there: one bit a day, so that habits and gaps are known and the order never counts."""

from collections.abc import Iterator

from msgspec import Struct

DAYS_KEPT = 400
NO_DAY = -1

_BYTES = DAYS_KEPT // 8


class Active(Struct, frozen=True, array_like=True, gc=False):
    """The days of the last 400; a day is the number of days since 1970-01-01 on the company's clock."""

    newest: int = NO_DAY
    bits: bytes = b""  # little-endian: bit 0 is `newest`, bit n the day n before it

    def days(self) -> Iterator[int]:
        """Yield the days, the newest first."""
        if self.newest == NO_DAY:
            return
        bits, day = int.from_bytes(self.bits, "little"), self.newest
        while bits:
            if bits & 1:
                yield day
            bits >>= 1
            day -= 1

    @property
    def oldest(self) -> int:
        """The earliest of the days; `NO_DAY` if there is none."""
        bits = self.bits
        return self.newest - (8 * len(bits) - 9 + bits[-1].bit_length()) if bits else NO_DAY

    def count(self, first: int, last: int) -> int:
        """Return how many of the days from `first` to `last`, both included, were active ones."""
        if self.newest == NO_DAY or last < first:
            return 0
        bits = int.from_bytes(self.bits, "little")
        low = self.newest - last
        bits = bits >> low if low > 0 else bits
        width = min(last, self.newest) - first + 1
        return (bits & ((1 << width) - 1)).bit_count() if width > 0 else 0

    def before(self, day: int, span: int) -> int:
        """Return the `span` days before `day` as bits: bit 0 is the day before, bit n the one n days earlier."""
        if self.newest == NO_DAY:
            return 0
        bits, ahead = int.from_bytes(self.bits, "little"), self.newest - day + 1
        bits = bits >> ahead if ahead > 0 else bits << -ahead if ahead > -span else 0
        return bits & ((1 << span) - 1)


NEVER_ACTIVE = Active()


def was_there(active: Active, day: int) -> Active:
    """Return the days with this one; the same value if it is known, or too old to matter."""
    if active.newest == NO_DAY:
        return Active(day, b"\x01")
    ahead = day - active.newest
    if ahead == 0 or ahead <= -DAYS_KEPT:
        return active
    bits = int.from_bytes(active.bits, "little")
    bits = (bits << min(ahead, DAYS_KEPT)) | 1 if ahead > 0 else bits | (1 << -ahead)
    bits &= (1 << DAYS_KEPT) - 1
    raw = bits.to_bytes(_BYTES, "little").rstrip(b"\0")
    return active if raw == active.bits and ahead < 0 else Active(max(day, active.newest), raw)
