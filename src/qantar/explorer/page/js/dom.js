/**
 * Builders of HTML and SVG elements. Data reach the page only as text or attributes, never as markup.
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
  return build(document.createElement(tag), attrs, children);
}

/**
 * Build an SVG element.
 * @param {string} tag
 * @param {Object<string, *>|null} [attrs] as for `h`
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(tag, attrs, ...children) {
  return build(document.createElementNS(SVG, tag), attrs, children);
}

/**
 * Set an attribute only if it changes: an unchanged one costs nothing to draw.
 * @param {Element} node
 * @param {string} name
 * @param {string|number} value
 */
export function setAttr(node, name, value) {
  const text = String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

/**
 * Set the text of an element only if it changes.
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
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
 * Have a screen reader say a text, after what it is reading.
 * @param {string} text
 */
export function announce(text) {
  const region = document.getElementById('announcer');
  if (region) region.textContent = text;
}

/**
 * Save a file through the browser.
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

/**
 * Redraw part of the page, and return the focus to the control with the same `data-keep`.
 * @param {Element} root
 * @param {() => void} redraw
 */
export function keepFocus(root, redraw) {
  const focused = document.activeElement;
  const key = focused instanceof HTMLElement && root.contains(focused) ? focused.dataset.keep : null;
  redraw();
  if (key) root.querySelector(`[data-keep="${CSS.escape(key)}"]`)?.focus();
}

const AS_PROPERTY = new Set(['value', 'checked', 'hidden', 'disabled', 'selected', 'open', 'htmlFor']);

function build(node, attrs, children) {
  for (const [name, value] of Object.entries(attrs ?? {})) setProp(node, name, value);
  appendChildren(node, children);
  // The value of a select can be set only after its options exist.
  if (attrs && 'value' in attrs && node.tagName === 'SELECT') node.value = attrs.value;
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined) return;
  if (name.startsWith('on') && typeof value === 'function') {
    node.addEventListener(name.slice(2).toLowerCase(), value);
  } else if (name === 'style' && typeof value === 'object') {
    for (const [property, entry] of Object.entries(value)) node.style.setProperty(property, entry);
  } else if (AS_PROPERTY.has(name) && !(node instanceof SVGElement)) {
    node[name] = value;
  } else if (value !== false) {
    node.setAttribute(name, value === true ? '' : value);
  } else if (name.startsWith('aria-')) {
    node.setAttribute(name, 'false');
  }
}

function appendChildren(node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) appendChildren(node, child);
    else node.append(child instanceof Node ? child : String(child));
  }
}
