// The activity of an account, a bar a day, with its alerts above: drawn for eyes, and as a table for everybody.

import { el, svg } from "./dom.js";

const WIDE = 640;
const NARROW = 340; // so that its words stay as large as those beside it
const HEIGHT = 150;
const TOP = 28; // above it stand the alerts
const FLOOR = 118; // below it purchases, and the dates
const LEFT = 26;
const MARK = { high: "M0-6 6 5H-6Z", medium: "M0-6 6 0 0 6-6 0Z", low: "M0-5a5 5 0 1 0 .01 0Z" };

/** Return the drawing; `days` are {day, counted, matter, purchases, alerts: [severity]}, in order. */
export function plot(days, title, { clock, t }) {
  const width = matchMedia("(max-width: 56rem)").matches ? NARROW : WIDE;
  const most = Math.max(1, ...days.map((one) => one.counted));
  const step = (width - LEFT) / days.length;
  const columns = days.flatMap((one, at) => column(one, LEFT + (at + 0.5) * step, Math.max(1, Math.min(step * 0.7, 20)), (FLOOR - TOP) / most));
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": title },
    ...[FLOOR, TOP].map((y) => svg("line", { class: "grid", x1: LEFT, x2: width, y1: y, y2: y })),
    label(LEFT - 5, TOP + 4, "end", String(most)),
    label(LEFT - 5, FLOOR + 4, "end", "0"),
    ...columns,
    label(LEFT, HEIGHT - 2, "start", clock.day(days[0].day)),
    label(width, HEIGHT - 2, "end", clock.day(days.at(-1).day)),
  );
  return el("div", {}, legend(t), drawing);
}

/** Return the same as a table: the days on which something was. */
export function table(days, { clock, t }) {
  const names = ["day", "counted", "matter", "purchases", "alerts"];
  const head = names.map((name) => el("th", { scope: "col", class: name === "day" || name === "alerts" ? null : "n" }, t(`plot.${name}`)));
  const busy = days.filter((one) => one.counted || one.purchases || one.alerts.length).reverse();
  const number = (value) => el("td", { class: "n" }, String(value));
  const body = busy.map((one) =>
    el("tr", {}, el("th", { scope: "row" }, clock.day(one.day)), number(one.counted), number(one.matter), number(one.purchases), el("td", {}, ...words(one.alerts, t))),
  );
  return el("table", {}, el("caption", { class: "unseen" }, t("plot.title")), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body));
}

/** Return a share of one as a bar; its number stands beside it. */
export function share(part) {
  const size = { y: 0, height: 8, rx: 2 };
  const bars = [svg("rect", { class: "all", x: 0, width: 100, ...size }), svg("rect", { class: "act", x: 0, width: 100 * part, ...size })];
  return svg("svg", { class: "share", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, ...bars);
}

function column({ counted, matter, purchases, alerts }, middle, width, unit) {
  const bar = (name, count) => svg("rect", { class: name, x: middle - width / 2, y: FLOOR - count * unit, width, height: count * unit });
  const worst = ["high", "medium", "low"].find((one) => alerts.includes(one));
  return [
    counted ? bar("act", counted) : null,
    matter ? bar("matter", matter) : null,
    purchases ? svg("rect", { class: "bought", x: middle - 4, y: FLOOR + 3, width: 8, height: 8 }) : null,
    worst ? svg("path", { class: `alert ${worst}`, d: MARK[worst], transform: `translate(${middle} 13)` }) : null,
  ].filter(Boolean);
}

function legend(t) {
  const square = (name) => svg("svg", { viewBox: "0 0 10 10", class: name }, svg("rect", { width: 10, height: 10 }));
  const one = (drawn, name) => el("li", {}, drawn, t(`plot.${name}`));
  const mark = svg("svg", { viewBox: "-7 -7 14 14", class: "alert high" }, svg("path", { d: MARK.high }));
  const list = ["counted", "matter", "purchases"].map((name, at) => one(square(["act", "matter", "bought"][at]), name));
  return el("ul", { class: "legend", "aria-hidden": "true" }, ...list, one(mark, "alerts"));
}

function words(alerts, t) {
  return alerts.length ? [alerts.map((severity) => t(`severity.${severity}`)).join(t("news.and"))] : [];
}

function label(x, y, anchor, text) {
  return svg("text", { class: "axis", x, y, "text-anchor": anchor }, text);
}
