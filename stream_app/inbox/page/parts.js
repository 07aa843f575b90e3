// The parts of a case, in the order in which they are read.

import { el, foreign } from "./dom.js";
import { deed, evidence, likelihood, reading } from "./phrases.js";
import { share } from "./plot.js";

/** Return the parts that have something to tell. */
export function parts(found, view) {
  const told = found.told[view.language];
  return [
    part("seen", view, happened(found, told, view)),
    part("readings", view, readings(found, told, view)),
    part("options", view, options(told, view)),
    told.draft && folded("draft", view, draft(told.draft, view)),
    part("who", view, facts(told)),
    folded("alerts", view, alerts(found, view)),
    found.deeds.length > 0 && part("deeds", view, [rows(found.deeds, (one) => deed(one, view), view)]),
  ].filter(Boolean);
}

/** Return a part with its heading; null where there is nothing to tell. */
export function part(name, { t }, children) {
  return children.length ? el("section", { class: "part", "aria-labelledby": `part-${name}` }, el("h3", { id: `part-${name}` }, t(`part.${name}`)), ...children) : null;
}

/** Return a part that opens when it is asked for. */
export function folded(name, { t }, children) {
  return children.length ? el("details", { class: "part" }, el("summary", {}, el("h3", {}, t(`part.${name}`))), ...children) : null;
}

/** Return moments, each with what was then. */
export function rows(list, said, { clock }) {
  return el("ul", { class: "rows" }, ...list.map((one) => el("li", {}, clock.moment(one.at), el("span", {}, ...said(one)))));
}

function happened(found, told, view) {
  const seen = found.evidence.length ? [rows(found.evidence, (one) => looked(one, view), view)] : [];
  const again = found.again ? [el("p", { class: "soft" }, view.t("seen.again", { count: found.again }))] : [];
  return [el("p", {}, told.happened), ...seen, ...again, ...(told.read_before ? [el("p", { class: "soft" }, told.read_before)] : [])];
}

function looked(one, view) {
  const rest = [one.plan, one.amount].filter(Boolean).flatMap((text) => [view.t("between"), foreign(text)]);
  return [...evidence(one, view), ...rest, ...(one.where ? [" ", el("span", { class: "soft" }, foreign(one.where))] : [])];
}

function readings(found, told, view) {
  const weighed = found.alerts.find((one) => one.readings.length)?.readings ?? [];
  const rank = (at) => view.t(["reading.leading", "reading.runner_up"][at] ?? "reading.other");
  const lines = weighed.map((one, at) =>
    el("li", {}, el("span", {}, rank(at), reading(one, view)), share(one.probability), el("span", { class: "soft" }, because(told, weighed, at))),
  );
  const meaning = [told.headline && el("p", { class: "lead" }, told.headline), told.meaning && el("p", {}, told.meaning)];
  const sure = told.how_sure && el("p", { class: "soft" }, told.how_sure);
  const list = lines.length ? [el("ol", { class: "readings" }, ...lines), el("p", { class: "soft" }, view.t("reading.note"))] : [];
  return [...meaning, ...list, sure].filter(Boolean);
}

function because(told, weighed, at) {
  return told.readings.length === weighed.length ? told.readings[at] : "";
}

function options(told, { t }) {
  const one = ({ case: when, ask, answer }) =>
    el("li", {}, el("h4", {}, when), el("dl", {}, el("dt", {}, t("option.ask")), el("dd", {}, ask), el("dt", {}, t("option.answer")), el("dd", {}, answer)));
  return told.options.length ? [el("ul", { class: "options" }, ...told.options.map(one))] : [];
}

function draft({ language, subject, body }, { t }) {
  return [
    el("p", { class: "soft" }, t("draft.hidden")),
    el("p", { lang: language }, t("draft.subject"), foreign(subject)),
    el("div", { class: "draft", lang: language, dir: "auto" }, body),
  ];
}

function facts(told) {
  const list = told.who.flatMap(({ label, text }) => [el("dt", {}, label), el("dd", {}, foreign(text))]);
  const links = told.links.filter(({ url }) => /^https?:\/\//i.test(url));
  const away = { target: "_blank", rel: "noopener noreferrer" };
  return [el("dl", { class: "facts" }, ...list), ...links.map(({ label, url }) => el("p", {}, el("a", { href: url, ...away }, label)))];
}

function alerts(found, view) {
  const { t, language, clock } = view;
  const fate = (one) => el("li", {}, clock.moment(one.at), t("between"), foreign(one.to), t("between"), one.text[language]);
  const line = (one) => [
    el("span", { class: one.ended ? "over" : null }, one.happened[language], ...(one.customer_name ? [t("between"), foreign(one.customer_name)] : [])),
    one.ended ? t("alert.ended", { why: t(`ended.${one.ended.reason}`) }) : "",
    el("ul", { class: "soft" }, ...one.fates.map(fate), ...one.waits.map((wait) => el("li", {}, t("alert.waits"), foreign(wait.to)))),
  ];
  const left = found.alerts_left_out ? [el("p", { class: "soft" }, t("alert.left_out", { count: found.alerts_left_out }))] : [];
  return [rows(found.alerts, line, view), ...left];
}
