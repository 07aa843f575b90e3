// Who reads: the token that the program printed, from the address or by hand, and the reader's own name for acts.

import { patient, post } from "./api.js";
import { el, fill } from "./dom.js";

/** Return who reads, once it is known: the address may say it, else this dialog asks. */
export async function reader(dialog, t) {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.has("token") || given.has("who")) {
    history.replaceState(null, "", location.pathname + location.search);
    const known = await enter(given.get("token"), given.get("who"));
    if (known) return known;
  }
  try {
    return await patient("api/me");
  } catch (refused) {
    if (refused.word !== "login") throw refused;
    return ask(dialog, t, true);
  }
}

/** Ask who reads; return it, or null where who is let in already changed their mind. */
export function ask(dialog, t, must = false) {
  return new Promise((resolve) => {
    const wrong = el("p", { class: "outcome bad", role: "alert" });
    const entry = el("form", {}, ...fields(t), el("button", { class: "first" }, t("login.go")), wrong);
    const done = (known) => {
      dialog.onclose = null;
      dialog.close();
      resolve(known);
    };
    entry.onsubmit = async (event) => {
      event.preventDefault();
      fill(wrong);
      const known = await enter(entry.elements.token.value, entry.elements.who.value).catch(() => null);
      if (known) done(known);
      else fill(wrong, t("login.wrong"));
    };
    dialog.onclose = () => (must ? dialog.showModal() : done(null));
    fill(dialog, entry);
    if (!dialog.open) dialog.showModal();
  });
}

function fields(t) {
  return [
    el("h2", { id: "login-title" }, t("login.title")),
    ...field("token", "password", t("login.token"), "current-password"),
    ...field("who", "email", t("login.who"), "email"),
    el("p", { class: "soft" }, t("login.hint")),
  ];
}

async function enter(token, who) {
  const body = { ...(token && { token }), ...(who && { who }) };
  try {
    return await post("login", body);
  } catch (refused) {
    if (refused.word === "login" || refused.word === "wrong") return null;
    throw refused;
  }
}

function field(name, type, label, autocomplete) {
  return [el("label", { for: `login-${name}` }, label), el("input", { id: `login-${name}`, name, type, autocomplete })];
}
