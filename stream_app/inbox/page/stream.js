// News as the server sends them. The browser joins on again with Last-Event-ID by itself; where it gives up, this
// asks for what came after the last that was read, so that nothing is missing.

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/** Follow the stream from a place on; `refused` settles why it was closed, before it is tried again. */
export function follow(after, { card, gone, reset, connected, refused }) {
  let wait = FIRST_WAIT;
  let source = null;

  function open() {
    source?.close();
    const mine = (source = new EventSource(`events?after=${encodeURIComponent(after)}`));
    mine.onopen = () => {
      wait = FIRST_WAIT;
      connected(true);
    };
    mine.onerror = async () => {
      connected(false);
      if (mine.readyState !== EventSource.CLOSED) return;
      await refused();
      setTimeout(() => mine === source && open(), wait);
      wait = Math.min(2 * wait, LONGEST_WAIT);
    };
    for (const [name, told] of Object.entries({ card, gone, reset })) {
      mine.addEventListener(name, (event) => {
        if (event.lastEventId) after = event.lastEventId;
        told(JSON.parse(event.data));
      });
    }
  }

  window.addEventListener("offline", () => connected(false));
  window.addEventListener("online", open);
  open();
}
