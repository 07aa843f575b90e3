// The account's timeline, and why somebody was told or not: read from the topics when it is asked for.

import { patient } from "./api.js";
import { el, fill, foreign } from "./dom.js";
import { part, rows } from "./parts.js";
import { plot, table } from "./plot.js";
import { dayOf } from "./when.js";

/** Return the part with the timeline, which fills itself, and the one that says why when it is opened. */
export function story(account, view) {
  const place = el("div", { "aria-busy": "true" }, el("p", { class: "soft" }, view.t("detail.loading")));
  const asked = el("details", { class: "part" }, el("summary", {}, el("h3", {}, view.t("part.why"))));
  asked.addEventListener("toggle", () => asked.append(why(account, view)), { once: true });
  load(place, `api/accounts/${encodeURIComponent(account)}/timeline`, view, (found) => timeline(found, view));
  return [part("timeline", view, [place]), asked];
}

/** Return why somebody was told of a customer or account, or not; it fills itself. */
export function why(name, view) {
  const place = el("div", { "aria-busy": "true" }, el("p", { class: "soft" }, view.t("detail.loading")));
  const asked = new URLSearchParams({ customer: name, language: view.language });
  load(place, `api/why?${asked}`, view, (found) => reasons(found, view));
  return place;
}

async function load(place, path, view, shown) {
  let asked = false; // the first time the place does not stand on the page yet
  const wanted = () => !asked || place.isConnected;
  const meanwhile = ({ word }) => (asked = true) && fill(place, el("p", { class: "soft" }, view.t(word === "starting" ? "start.reading" : "detail.loading")));
  try {
    const found = await patient(path, { wanted, meanwhile });
    if (found) fill(place, ...shown(found));
  } catch (refused) {
    fill(place, el("p", { class: "soft" }, view.t(refused.word === "unknown" ? "plot.nothing" : "detail.failed")));
  }
  place.removeAttribute("aria-busy");
}

function timeline(found, view) {
  const { t, clock } = view;
  const days = found.days.map((one) => ({
    ...one,
    purchases: found.purchases.filter(({ at }) => dayOf(at, found.timezone) === one.day).length,
    alerts: found.alerts.filter(({ at }) => dayOf(at, found.timezone) === one.day).map(({ severity }) => severity),
  }));
  if (!days.length) return [el("p", { class: "soft" }, t("plot.nothing"))];
  const views = days.reduce((sum, one) => sum + one.counted, 0);
  const ends = { first: clock.day(days[0].day), last: clock.day(days.at(-1).day) };
  const summary = t("plot.summary", { ...ends, views, purchases: found.purchases.length, alerts: found.alerts.length });
  const numbers = el("div", { class: "unseen" }, table(days, view));
  return [el("figure", { class: "plot" }, plot(days, summary, view), el("figcaption", {}, summary)), unfold(numbers, view), numbers, happenings(found, view)];
}

/** What is read out all the time stands for eyes when they ask for it. */
function unfold(numbers, { t }) {
  const button = el("button", { type: "button", "aria-expanded": "false" }, t("plot.table"));
  button.addEventListener("click", () => {
    const hidden = numbers.classList.toggle("unseen");
    button.setAttribute("aria-expanded", String(!hidden));
  });
  return button;
}

function happenings(found, view) {
  const { language, t } = view;
  const alerts = found.alerts.map(({ at, happened }) => ({ at, said: [happened[language]] }));
  const others = [...found.purchases, ...found.interactions].map(({ at, label, plan, amount }) => ({
    at,
    said: [label[language], ...[plan, amount].filter(Boolean).flatMap((text) => [t("between"), foreign(text)])],
  }));
  const all = [...alerts, ...others].sort((one, other) => (one.at < other.at ? 1 : -1));
  return rows(all, ({ said }) => said, view);
}

function reasons(found, view) {
  const lines = found.answer.text.map((text) => el("li", {}, text));
  const given = [el("ul", { class: "answer" }, ...lines)];
  if (!found.timeline?.length) return given;
  const newest = found.timeline.toReversed();
  const course = el("details", {}, el("summary", {}, view.t("why.course", { count: newest.length })), rows(newest, ({ text }) => [foreign(text)], view));
  return [...given, course];
}
