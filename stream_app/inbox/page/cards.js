// The list of cases by state. A row keeps its place until the reader asks for the news; what changes is told inside it.

import { el, fill, foreign, shape } from "./dom.js";
import { briefly, evidence, reading, whose } from "./phrases.js";

/** The list: `cases` is what is known, `view` tells words and times. */
export class List {
  constructor(node, cases, view) {
    Object.assign(this, { node, cases, view, fresh: new Set(), open: null });
    node.addEventListener("keydown", (event) => this.move(event));
  }

  /** Place all cases as they are known now. */
  place(fresh) {
    this.fresh = new Set(fresh);
    const groups = this.cases.byState.filter(([, cards]) => cards.length);
    fill(this.node, groups.map(([state, cards]) => this.group(state, cards)));
    if (!groups.length) fill(this.node, el("p", { class: "none" }, this.view.t("list.none")));
    this.roving(this.row(this.open) ?? this.rows[0]);
  }

  /** Tell that the cases are still being read, and how far. */
  waits(done) {
    const { t } = this.view;
    fill(this.node, el("p", { class: "none" }, done === null ? t("start.reading") : t("start.share", { percent: Math.round(done * 100) })));
  }

  /** Tell a case anew where it stands. */
  update(id) {
    const row = this.row(id);
    const card = this.cases.latest.get(id);
    if (!row) return;
    if (!card) return this.erase(row);
    row.style.height = `${row.getBoundingClientRect().height}px`; // until the list is placed anew: what stands below must not move
    fill(row, ...this.content(card));
  }

  /** Mark the case that is open. */
  mark(id) {
    this.row(this.open)?.removeAttribute("aria-current");
    this.open = id;
    const row = this.row(id);
    row?.setAttribute("aria-current", "true");
    this.fresh.delete(id);
    row?.querySelector(".pill.new")?.remove();
    if (row) this.roving(row);
  }

  /** Give the keyboard to a case of the list, or to its first. */
  focus(id) {
    const row = this.row(id) ?? this.rows[0];
    if (row) this.roving(row).focus();
    return Boolean(row);
  }

  get rows() {
    return [...this.node.querySelectorAll(".card")].filter((one) => one.checkVisibility());
  }

  row(id) {
    return [...this.node.querySelectorAll(".card")].find((one) => one.dataset.id === id);
  }

  group(state, cards) {
    const title = `state-${state}`;
    const head = el("h3", { id: title }, this.view.t(`state.${state}`), " ", el("b", {}, String(cards.length)));
    const list = el("ul", { class: "cards", "aria-labelledby": title }, ...cards.map((card) => this.item(card)));
    if (state === "over") return el("details", { class: "state" }, el("summary", {}, head), list);
    return el("div", { class: "state" }, head, list);
  }

  item(card) {
    const current = card.id === this.open && "true";
    const to = { class: "card", href: `#case/${encodeURIComponent(card.id)}`, "data-id": card.id, tabindex: "-1" };
    return el("li", {}, el("a", { ...to, "aria-current": current }, ...this.content(this.cases.latest.get(card.id) ?? card)));
  }

  content(card) {
    const { t, clock } = this.view;
    const placed = this.cases.placed.get(card.id);
    const pills = [
      this.fresh.has(card.id) && el("span", { class: "pill new" }, t("list.new")),
      placed && placed.state !== card.state && el("span", { class: "pill changed" }, t(`state.${card.state}`)),
    ];
    const much = el("span", { class: `much ${card.severity}` }, t(`severity.${card.severity}`));
    const read = this.readings(card);
    const last = card.evidence ? evidence(card.evidence, this.view) : [card.happened[this.view.language]];
    return [
      shape(card.severity),
      el("span", { class: "who" }, ...pills.filter(Boolean), ...whose(card, this.view)),
      el("span", { class: "when" }, clock.moment(card.at, true)),
      el("span", { class: "what" }, much, t("between"), briefly(card, this.view), t("between"), ...last),
      el("span", { class: "owner" }, ...this.owner(card)),
      read.length ? el("span", { class: "read" }, ...read) : null,
    ];
  }

  readings(card) {
    const { t } = this.view;
    const told = [["leading", card.reading], ["runner_up", card.runner_up]].filter(([, one]) => one);
    return told.flatMap(([rank, one], at) => [at ? t("between") : null, t(`reading.${rank}`), reading(one, this.view)]);
  }

  owner(card) {
    const { t } = this.view;
    if (card.state === "acknowledged" && card.last_deed?.by) return [t("list.taken"), foreign(card.last_deed.by)];
    const owner = card.owner_name ?? card.owner;
    return owner ? [t("list.owner"), foreign(owner)] : [t("list.nobody")];
  }

  erase(row) {
    const item = row.parentNode;
    const held = row === document.activeElement;
    const height = `${row.getBoundingClientRect().height}px`;
    fill(item, el("p", { class: "gone", tabindex: held ? "-1" : null }, this.view.t("list.gone")));
    item.firstChild.style.height = height;
    if (held) item.firstChild.focus();
    if (!this.rows.some((one) => one.tabIndex === 0)) this.roving(this.rows[0]);
  }

  roving(row) {
    for (const one of this.rows) one.tabIndex = -1;
    if (row) row.tabIndex = 0;
    return row;
  }

  move(event) {
    const rows = this.rows;
    const at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (at < 0 || to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.roving(rows[Math.max(0, Math.min(to, rows.length - 1))]).focus();
  }
}
