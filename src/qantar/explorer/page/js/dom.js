/**
 * Builders of HTML and SVG. Data reach the page only as text or attributes, never as markup.
 */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @typedef {Node|string|number|null|undefined|false|Array<Child>} Child
 */

/**
 * Build an HTML element.
 * @param {string} tag
 * @param {Object<string, *>|null} [attrs] `class`, `on<event>` functions, `style` as an object of
 *   properties (set one by one, as the content policy forbids style attributes), `value`,
 *   `checked`, `hidden` and the like as properties, everything else as attributes; null, undefined
 *   and false are left out
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, attrs, ...children) {
  return filled(document.createElement(tag), attrs, children);
}

/**
 * Build an SVG element.
 * @param {string} tag
 * @param {Object<string, *>|null} [attrs] as for `h`
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, attrs, ...children) {
  return filled(document.createElementNS(SVG, tag), attrs, children);
}

/**
 * Set one attribute only if it changed: what did not change costs nothing to draw.
 * @param {Element} node
 * @param {string} name
 * @param {string|number} value
 */
export function put(node, name, value) {
  const text = String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

/**
 * Set the text of an element only if it changed.
 * @param {Element} node
 * @param {string} text
 */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Remove everything inside an element.
 * @param {Element} node
 * @returns {Element} the same element
 */
export function clear(node) {
  node.replaceChildren();
  return node;
}

/**
 * Tell people who use a screen reader, when they have heard the rest.
 * @param {string} text
 */
export function announce(text) {
  const region = document.getElementById('announcer');
  if (region) region.textContent = text;
}

/**
 * Offer a file to be saved.
 * @param {string} name of the file
 * @param {Blob} blob
 */
export function download(name, blob) {
  const address = URL.createObjectURL(blob);
  const link = h('a', { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const AS_PROPERTY = new Set(['value', 'checked', 'hidden', 'disabled', 'selected', 'open', 'htmlFor']);

function filled(node, attrs, children) {
  for (const [name, value] of Object.entries(attrs ?? {})) set(node, name, value);
  append(node, children);
  // The value of a select can be set only once its options are there.
  if (attrs && 'value' in attrs && node.tagName === 'SELECT') node.value = attrs.value;
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined) return;
  if (name.startsWith('on') && typeof value === 'function') {
    node.addEventListener(name.slice(2).toLowerCase(), value);
  } else if (name === 'style' && typeof value === 'object') {
    for (const [property, worth] of Object.entries(value)) node.style.setProperty(property, worth);
  } else if (AS_PROPERTY.has(name) && !(node instanceof SVGElement)) {
    node[name] = value;
  } else if (value !== false) {
    node.setAttribute(name, value === true ? '' : value);
  } else if (name.startsWith('aria-')) {
    node.setAttribute(name, 'false');
  }
}

function append(node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(node, child);
    else node.append(child instanceof Node ? child : String(child));
  }
}
