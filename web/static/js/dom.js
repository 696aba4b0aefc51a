// Small pieces for building the page without HTML strings: names of participants never become markup.
export const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const sprite = document.querySelector("svg.icon use")?.getAttribute("href").split("#")[0];
export const mayAct = document.querySelector('meta[name="may-act"]').content === "yes";
export const mayAdminister = document.querySelector('meta[name="may-administer"]').content === "yes";

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  set(node, attributes);
  node.append(...children);
  return node;
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  set(node, attributes);
  node.append(...children);
  return node;
}

export function icon(name) {
  return svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `${sprite}#${name}` }));
}

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}

/** Write only what differs: with 200 rows most of a repaint is saved. */
export function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

export function attribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

export function swapIcon(node, name) {
  attribute(node.querySelector("use"), "href", `${sprite}#${name}`);
}
