// The page: who reads, the list, the case beside it, the news.

import { patient } from "./api.js";
import { List } from "./cards.js";
import { Detail } from "./detail.js";
import { el, fill } from "./dom.js";
import { ask, reader } from "./login.js";
import { Cases } from "./store.js";
import { follow } from "./stream.js";
import { Clock, zones } from "./when.js";

const $ = (id) => document.getElementById(id);
const WORDS = await (await fetch("words.json")).json();
const MINUTE = 60_000;

/** What every part needs to speak: words, times, and who reads. */
const view = {
  me: {},
  language: navigator.language.startsWith("ja") ? "ja" : "en",
  t(key, values = {}) {
    return WORDS[key][view.language].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  },
};

let scope = "team";
let entering = null;
const mine = (card) => scope === "team" || card.readers.includes(view.me.email);
const cases = new Cases(mine);
const list = new List($("list"), cases, view);
const detail = new Detail($("detail"), view, leave);

function speak(language, zone = view.zone) {
  Object.assign(view, { language, zone, clock: new Clock(language, zone, view.clock?.ahead) });
  document.documentElement.lang = language;
  const { t } = view;
  fill($("title"), t("title"));
  fill($("skip"), t("skip"));
  fill($("scope"), view.me.email ? ["mine", "team"].map(choice) : []);
  $("scope").setAttribute("aria-label", t("scope.label"));
  fill($("ask"), ...question());
  fill($("tools"), ...tools());
  fill($("link"), t(`link.${$("link").className || "starting"}`));
  list.place([...list.fresh]);
  counted();
  detail.again();
}

function choice(name) {
  const pressed = String(scope === name);
  return el("button", { type: "button", "data-scope": name, "aria-pressed": pressed, onclick: () => look(name) }, view.t(`scope.${name}`));
}

function question() {
  const input = el("input", { id: "asked", name: "asked", required: true, autocomplete: "off", placeholder: view.t("ask.hint") });
  return [el("label", { for: "asked", class: "unseen" }, view.t("ask.label")), input, el("button", {}, view.t("ask.go"))];
}

function tools() {
  const { t } = view;
  const names = zones(view.me.timezone);
  const options = names.map((name) => el("option", { value: name, selected: name === view.zone }, name === "Asia/Tokyo" ? t("tools.tokyo") : name));
  const change = (event) => (speak(view.language, event.target.value), $("zone").focus());
  const zone = el("select", { id: "zone", "aria-label": t("tools.zone"), onchange: change }, ...options);
  const other = view.language === "ja" ? "en" : "ja";
  const turn = () => (speak(other), $("language").focus());
  const language = el("button", { type: "button", id: "language", lang: other, onclick: turn }, t("tools.language"));
  const name = view.me.logs_in && !view.me.email && el("button", { type: "button", id: "name", onclick: rename }, t("tools.name"));
  return [names.length > 1 ? zone : null, language, name || null];
}

async function rename() {
  const known = await ask($("login"), view.t);
  if (known) await enter(known);
}

/** Take in who reads: their language, their zone, their customers first. */
async function enter(me) {
  view.me = me;
  scope = me.email ? "mine" : "team";
  speak(me.language, me.timezone);
  return read(true);
}

/** Have somebody log in who is no longer, as who they are now. */
function admitted() {
  entering ??= reader($("login"), view.t).then((me) => void (view.me = me)).finally(() => (entering = null));
  return entering;
}

async function look(name) {
  scope = name;
  for (const one of $("scope").children) one.setAttribute("aria-pressed", String(one.dataset.scope === name));
  await read(true);
}

/** Read all cases anew; `place` puts them into the list at once, else they are news. */
async function read(place) {
  const asked = scope;
  const meanwhile = ({ word, done }) => word === "starting" && list.waits(done);
  let found;
  try {
    found = await patient(`api/cases?scope=${asked}`, { wanted: () => asked === scope, meanwhile });
  } catch (refused) {
    if (refused.word !== "login") throw refused;
    await admitted();
    return read(place);
  }
  if (!found) return null;
  view.clock.ahead = new Date(found.now) - Date.now();
  cases.read(found.cards);
  if (place) show(false);
  else for (const id of cases.placed.keys()) list.update(id);
  counted();
  if (!place && detail.found) heard(cases.latest.get(detail.id) ?? null, detail.id);
  return found.as_of;
}

function heard(card, id) {
  if (card) detail.hear(card);
  else if (cases.placed.has(id)) detail.lose(id);
}

function show(focus) {
  const fresh = cases.show();
  list.place(focus ? fresh : []);
  counted();
  if (focus) {
    fill($("said"), view.t("news.shown"));
    list.focus(cases.byState.flatMap(([, cards]) => cards).find(({ id }) => fresh.includes(id))?.id ?? null);
  }
}

/** Tell how much news waits: in the bar, in the title, and to who listens. */
function counted() {
  const { t } = view;
  const what = [["fresh", cases.fresh.length], ["moved", cases.moved.length]].filter(([, count]) => count);
  const told = what.map(([name, count]) => t(`news.${name}`, { count })).join(t("news.and"));
  $("show").hidden = !told;
  fill($("show"), told && t("news.show", { what: told }));
  if (told && told !== $("said").textContent) fill($("said"), told);
  fill($("cases-title"), t("list.title", { count: cases.placed.size }));
  document.title = told ? `(${told}) ${t("title")}` : t("title");
}

function leave() {
  const { id } = detail;
  history.pushState(null, "", location.pathname + location.search);
  route();
  list.focus(id ?? list.open);
}

function route() {
  const [kind, written = ""] = location.hash.slice(1).split("/");
  const name = plain(written);
  const open = name && (kind === "case" || kind === "why");
  document.body.classList.toggle("reading", Boolean(open));
  list.mark(kind === "case" ? name : null);
  if (kind === "case" && name) detail.open(name);
  else if (kind === "why" && name) detail.ask(name);
  else detail.close();
}

/** Return what an address stands for; nothing where somebody broke it. */
function plain(written) {
  try {
    return decodeURIComponent(written);
  } catch {
    return "";
  }
}

const news = {
  card(card) {
    const known = cases.latest.get(card.id);
    if (known && known.changed_at > card.changed_at) return;
    cases.take(card);
    list.update(card.id);
    detail.hear(card);
    counted();
  },
  gone({ id }) {
    cases.drop(id);
    list.update(id);
    detail.lose(id);
    counted();
  },
  reset: () => read(false),
  refused: admitted,
  connected(on) {
    $("link").className = on ? "on" : "off";
    fill($("link"), view.t(`link.${on ? "on" : "off"}`));
  },
};

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  location.hash = `why/${encodeURIComponent($("asked").value.trim())}`;
});
$("show").addEventListener("click", () => show(true));
$("skip").addEventListener("click", (event) => {
  event.preventDefault();
  if (!list.focus(list.open)) $("cases").focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && location.hash.length > 1 && !$("login").open) leave();
});
window.addEventListener("hashchange", route);
setInterval(() => view.clock.refresh(), MINUTE / 2);

speak(view.language, "Asia/Tokyo");
const start = await enter(await reader($("login"), view.t));
$("main").removeAttribute("aria-busy");
route();
follow(start, news);
