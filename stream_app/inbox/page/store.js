// What is known of the cases, and what of it stands on the page: news wait until the reader asks for them.

const STATES = ["told", "waiting", "snoozed", "acknowledged", "over"];
const SEVERITIES = ["high", "medium", "low"];

/** The cases that are known (`latest`) and those that stand in the list, each as it was when it was placed. */
export class Cases {
  latest = new Map();
  placed = new Map();

  /** `wanted` tells whether a case is the reader's to see. */
  constructor(wanted) {
    this.wanted = wanted;
  }

  /** Take a case anew, as the stream tells it. */
  take(card) {
    if (this.wanted(card)) this.latest.set(card.id, card);
    else this.drop(card.id);
  }

  /** Forget a case. */
  drop(id) {
    this.latest.delete(id);
  }

  /** Take all cases anew; what is not among them is no more. */
  read(cards) {
    this.latest = new Map(cards.map((card) => [card.id, card]));
  }

  /** Return the ids of cases that nobody has been shown yet. */
  get fresh() {
    return [...this.latest.keys()].filter((id) => !this.placed.has(id));
  }

  /** Return the ids of cases that would stand elsewhere if they were placed now. */
  get moved() {
    return [...this.placed].filter(([id, card]) => this.latest.has(id) && place(this.latest.get(id)) !== place(card)).map(([id]) => id);
  }

  /** Place all cases as they are now; return the ids of those that are new to the list. */
  show() {
    const fresh = this.fresh;
    this.placed = new Map(this.latest);
    return fresh;
  }

  /** Return the placed cases by state, the most severe and newest first. */
  get byState() {
    const cards = [...this.placed.values()].sort(before);
    return STATES.map((state) => [state, cards.filter((card) => card.state === state)]);
  }
}

function before(one, other) {
  const severe = SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity);
  return severe || (one.at < other.at ? 1 : one.at > other.at ? -1 : 0) || (one.id < other.id ? -1 : 1);
}

function place(card) {
  return `${card.state} ${card.severity}`;
}
