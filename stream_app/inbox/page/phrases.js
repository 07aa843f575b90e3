// What is said of a case in a few words, in the list and beside it alike.

import { el, foreign } from "./dom.js";

const LIKELIHOODS = [[0.7, "strong"], [0.5, "likely"], [0.3, "possible"], [0, "weak"]];

/** Return whom a case is about: the person, and the company behind. */
export function whose(card, { t }) {
  const person = card.customer_name ?? card.customer;
  const company = card.account_name ?? (card.account !== card.customer ? card.account : null);
  if (!person && !company) return [t("case.site")];
  return [company, person].filter(Boolean).flatMap((name, at) => (at ? [t("between"), foreign(name)] : [foreign(name)]));
}

/** Return what a case is about: its intent, and whether that is a risk or a chance. */
export function kind(card, { t }) {
  return t(`polarity.${card.polarity}`, { intent: t(`intent.${card.intent}`) });
}

/** Return the same in a word, where many stand in a list: what is still open is not said. */
export function briefly(card, view) {
  return card.polarity === "open" ? view.t(`intent.${card.intent}`) : kind(card, view);
}

/** Return a piece of evidence: what kind of page, and which. */
export function evidence(one, { language }) {
  return [one.label[language], ...(one.title ? [" ", el("q", {}, foreign(one.title))] : [])];
}

/** Return a reading with its share, and what that is in a word. */
export function reading(one, view) {
  const percent = Math.round(one.probability * 100);
  return `${one.label[view.language]} ${percent}%${view.t("reading.in_words", { word: likelihood(one, view) })}`;
}

/** Return how likely a reading is, in a word. */
export function likelihood(one, { t }) {
  return t(`reading.${LIKELIHOODS.find(([least]) => one.probability >= least)[1]}`);
}

/** Return how a case stands, and why where it is over. */
export function state(card, { t, clock }) {
  if (card.state === "over" && card.over) return t("state.over_because", { why: t(`over.${card.over}`) });
  if (card.state === "snoozed" && card.snoozed_until) return t("state.snoozed_until", { time: clock.exactly(card.snoozed_until) });
  return t(`state.${card.state}`);
}

/** Return what somebody did. */
export function deed(one, { t }) {
  return [t(`deed.${one.action}`), ...(one.by ? [t("between"), foreign(one.by)] : [])];
}
