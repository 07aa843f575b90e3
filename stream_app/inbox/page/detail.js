// One case whole: what happened, how it may be read, what to do next, who did what. It never moves under the reader.

import { get, post } from "./api.js";
import { el, fill, foreign, shape } from "./dom.js";
import { parts } from "./parts.js";
import { kind, state, whose } from "./phrases.js";
import { story, why } from "./story.js";

const DEEDS = ["acknowledge", "snooze"];
const TAKEN = { acknowledge: ["acknowledged", "over"], snooze: ["acknowledged", "snoozed", "over"] };

/** The place beside the list; `back` leads to the list again. */
export class Detail {
  constructor(node, view, back) {
    Object.assign(this, { node, view, back, id: null, found: null, news: false });
  }

  /** Show a case. */
  async open(id) {
    Object.assign(this, { id, found: null, news: false });
    this.frame(this.view.t("detail.loading"), true);
    try {
      const found = await get(`api/cases/${encodeURIComponent(id)}`);
      if (this.id === id) this.tell(found);
    } catch (refused) {
      if (this.id === id) this.failed(refused);
    }
  }

  /** Show why somebody was told of a customer, or not. */
  ask(name) {
    Object.assign(this, { id: null, found: null, asked: name });
    const title = this.view.t("why.for", { who: name });
    fill(this.node, el("article", {}, this.leave(), this.title(title), why(name, this.view)));
    this.node.querySelector("h2").focus();
  }

  /** Show nothing but how to choose. */
  close() {
    Object.assign(this, { id: null, found: null, asked: null });
    fill(this.node, el("h2", { id: "detail-title", class: "unseen" }, this.view.t("part.who")), el("p", { class: "none" }, this.view.t("detail.none")));
  }

  /** Show the same again, in another language or zone. */
  again() {
    if (this.found) this.tell(this.found, false);
    else if (this.asked) this.ask(this.asked);
    else if (!this.id) this.close();
  }

  /** Hear that a case is like this now: what stands is left alone, but for how it stands. */
  hear(card) {
    if (card.id !== this.id || !this.found) return;
    const before = this.found.card;
    this.found.card = card;
    this.head();
    if (told(before) !== told(card)) this.changed();
  }

  /** Hear that a case is no more: nothing of it stays. */
  lose(id) {
    if (id !== this.id) return;
    const held = this.node.contains(document.activeElement);
    this.found = null;
    this.frame(this.view.t("detail.gone"), held);
  }

  frame(text, focus) {
    fill(this.node, el("article", {}, this.leave(), this.title(this.view.t("part.who")), el("p", { role: "status" }, text)));
    if (focus) this.node.querySelector("h2").focus();
  }

  failed(refused) {
    const { t } = this.view;
    if (refused.word === "unknown") return this.frame(t("detail.gone"), false);
    this.frame(t("detail.failed"), false);
    const retry = el("button", { type: "button", onclick: () => this.open(this.id) }, t("detail.retry"));
    this.node.firstChild.append(retry);
    return null;
  }

  tell(found, focus = true) {
    this.found = found;
    const { t } = this.view;
    const title = this.title(...whose(found.card, this.view));
    this.top = el("p", { class: "top" });
    this.outcome = el("p", { class: "outcome", role: "status" });
    this.acts = el("div", { class: "acts" }, ...DEEDS.map((deed) => this.button(deed)), this.outcome);
    this.head();
    const rest = [...parts(found, this.view), ...(found.card.account ? story(found.card.account, this.view) : [])];
    fill(this.node, el("article", {}, this.leave(), title, this.top, this.acts, ...rest));
    if (!this.view.me.acts) this.say(t("act.forbidden"));
    if (focus) this.node.querySelector("h2").focus();
  }

  head() {
    const { card } = this.found;
    const { t, clock } = this.view;
    const severity = el("span", { class: `tag ${card.severity}` }, shape(card.severity), t(`severity.${card.severity}`));
    const stands = el("span", { class: "pill" }, state(card, this.view));
    const when = el("span", { class: "soft" }, clock.moment(card.at), t("between"), clock.moment(card.at, true));
    fill(this.top, severity, el("span", {}, kind(card, this.view)), stands, when);
    for (const button of this.acts.querySelectorAll("[data-deed]")) {
      const off = !this.view.me.acts || TAKEN[button.dataset.deed].includes(card.state);
      button.setAttribute("aria-disabled", off);
    }
  }

  button(deed) {
    const first = deed === DEEDS[0] ? "first" : null;
    return el("button", { type: "button", class: first, "data-deed": deed, onclick: (event) => this.act(event.target) }, this.view.t(`act.${deed}`));
  }

  async act(button) {
    if (button.getAttribute("aria-disabled") === "true") return;
    const { t } = this.view;
    const { deed } = button.dataset;
    const { id } = this;
    button.setAttribute("aria-disabled", true);
    try {
      await post(`api/cases/${encodeURIComponent(id)}/${deed}`);
      if (this.id === id) this.say(t(`act.done.${deed}`));
    } catch (refused) {
      if (this.id !== id) return;
      button.setAttribute("aria-disabled", false);
      this.say(t(refused.word === "nameless" ? "act.nameless" : "act.failed"), true);
    }
  }

  say(text, bad = false) {
    this.outcome.classList.toggle("bad", bad);
    fill(this.outcome, text);
  }

  changed() {
    const { t } = this.view;
    fill(this.outcome, t("detail.changed"), " ", el("button", { type: "button", onclick: () => this.open(this.id) }, t("detail.again")));
  }

  title(...children) {
    return el("h2", { id: "detail-title", tabindex: "-1" }, ...children.map((one) => (one === this.asked ? foreign(one) : one)));
  }

  leave() {
    return el("button", { type: "button", class: "back", onclick: this.back }, this.view.t("detail.back"));
  }
}

/** Return what of a card its whole page tells, beside how it stands. */
function told({ severity, intent, evidence, reading, runner_up, alerts, happened }) {
  return JSON.stringify([severity, intent, evidence, reading, runner_up, alerts, happened]);
}
