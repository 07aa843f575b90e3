// Times in the reader's language and zone: how long ago, and exactly when.

import { el } from "./dom.js";

const TOKYO = "Asia/Tokyo";
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];

/** Return the zones that a reader may choose from, their own by the settings first. */
export function zones(own) {
  return [...new Set([own, TOKYO, Intl.DateTimeFormat().resolvedOptions().timeZone])];
}

/** Tells times in a language and zone; `ahead` is how many milliseconds the inbox's clock is before this machine's. */
export class Clock {
  constructor(language, zone, ahead = 0) {
    this.ahead = ahead;
    const locale = language === "en" ? "en-GB" : language;
    const short = { month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    this.exact = new Intl.DateTimeFormat(locale, { ...short, timeZone: zone });
    this.date = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
    this.ago = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  }

  /** Return a moment as an element: exactly, or how long ago with the exact time beside the pointer. */
  moment(at, relative = false) {
    const text = relative ? this.since(at) : this.exactly(at);
    return el("time", { datetime: at, title: relative ? this.exactly(at) : null, "data-relative": relative }, text);
  }

  /** Return when it was, exactly. */
  exactly(at) {
    return this.exact.format(new Date(at));
  }

  /** Return a day as its date. */
  day(day) {
    return this.date.format(new Date(`${day}T00:00:00Z`));
  }

  /** Return how long ago it was, or how soon it will be. */
  since(at) {
    const seconds = (new Date(at) - Date.now() - this.ahead) / 1000;
    const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
    return this.ago.format(Math.trunc(seconds / length), unit);
  }

  /** Tell all relative times on the page again. */
  refresh() {
    for (const one of document.querySelectorAll("time[data-relative]")) one.textContent = this.since(one.dateTime);
  }
}

/** Return the day of a moment in a zone, as YYYY-MM-DD. */
export function dayOf(at, zone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(at));
}
