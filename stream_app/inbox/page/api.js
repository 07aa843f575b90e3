// What is asked of the server, as docs/inbox-api.md says it.

/** An answer that is none: `word` says why, `after` in how many seconds to ask again. */
export class Refused extends Error {
  constructor(word, after = 2, done = null) {
    super(word);
    Object.assign(this, { word, after, done });
  }
}

/** Return what the server answers; Refused if it does not. */
export async function get(path) {
  return answer(path, {});
}

/** Return what the server answers to a deed; Refused if it does not. */
export async function post(path, body) {
  const headers = { "X-Stream-App": "inbox", ...(body && { "Content-Type": "application/json" }) };
  return answer(path, { method: "POST", headers, body: body && JSON.stringify(body) });
}

/** Ask until there is an answer: who starts, is busy or away is asked again; `meanwhile` hears of each refusal. */
export async function patient(path, { meanwhile = () => {}, wanted = () => true } = {}) {
  while (wanted()) {
    try {
      return await get(path);
    } catch (refused) {
      if (!["starting", "busy", "kafka", "away"].includes(refused.word)) throw refused;
      meanwhile(refused);
      await new Promise((resolve) => setTimeout(resolve, refused.after * 1000));
    }
  }
  return null;
}

async function answer(path, options) {
  let given;
  try {
    given = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Refused("away");
  }
  if (given.ok) return given.status === 204 ? null : given.json();
  const said = await given.json().catch(() => ({}));
  const after = Number(given.headers.get("Retry-After")) || (said.error === "starting" ? 1 : 2);
  throw new Refused(said.error ?? "away", after, said.done ?? null);
}
