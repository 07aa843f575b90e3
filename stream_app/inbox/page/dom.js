// Elements are only ever made here, and text only ever becomes text: a title cannot become markup.

const SVG = "http://www.w3.org/2000/svg";

/** Return an element; null children are left out, strings become text. */
export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Return an element of a drawing. */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** Return text of somebody else's, whose direction must not turn that of the words around it. */
export function foreign(text) {
  return el("bdi", {}, text);
}

/** Put new children in the place of the old ones. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat().filter((one) => one !== null && one !== ""));
  return node;
}

const SHAPES = { high: "M8 1 15.5 15H.5Z", medium: "M8 .5 15.5 8 8 15.5.5 8Z", low: "M8 2a6 6 0 1 0 .01 0Z" };

/** Return the shape of a severity, for eyes that do not tell its colour; the word stands beside it. */
export function shape(severity) {
  const d = SHAPES[severity] ?? SHAPES.low;
  return svg("svg", { class: `shape ${severity}`, viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d }));
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  return fill(node, children);
}
