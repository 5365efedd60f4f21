/**
 * The tab of the state without a browser: a document of a few lines, in which the scripts of the page run.
 *
 * Arguments: the folder of the page, a file with the payload of `/api/state`, and a language. Prints what the tab
 * shows as JSON: on opening, after a row was opened, after arrow keys, and after another part was chosen.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [page, payload, lang] = process.argv.slice(2);

class Node {
  constructor(tag, text = '') {
    Object.assign(this, { tag, text, childNodes: [], attributes: {}, listeners: {}, dataset: {} });
    this.style = { setProperty() {} };
  }

  append(...nodes) { this.childNodes.push(...nodes.map((each) => (each instanceof Node ? each : new Node('#text', String(each))))); }

  replaceChildren(...nodes) { this.childNodes = []; this.append(...nodes); }

  setAttribute(name, value) { this.attributes[name] = String(value); }

  getAttribute(name) { return this.attributes[name] ?? null; }

  addEventListener(name, listener) { this.listeners[name] = listener; }

  getBoundingClientRect() { return { width: 300, left: 0 }; }

  get tagName() { return this.tag.toUpperCase(); }

  get id() { return this.attributes.id ?? ''; }

  get textContent() { return this.tag === '#text' ? this.text : this.childNodes.map((each) => each.textContent).join(''); }

  set textContent(text) { this.replaceChildren(text); }

  set innerHTML(_) { throw new Error('markup from data'); }

  focus() { document.activeElement = this; }

  all(match) { return [...(match(this) ? [this] : []), ...this.childNodes.flatMap((each) => each.all(match))]; }
}

class HTMLElement extends Node {}
class SVGElement extends Node {}

const read = (path) => JSON.parse(readFileSync(path, 'utf-8'));
const answers = { '/api/state': () => read(payload) };
Object.assign(globalThis, {
  Node, HTMLElement, SVGElement,
  document: {
    documentElement: new HTMLElement('html'),
    createElement: (tag) => new HTMLElement(tag),
    createElementNS: (_, tag) => new SVGElement(tag),
    getElementById: () => null,
  },
  matchMedia: () => ({ matches: false, addEventListener() {} }),
  getComputedStyle: () => ({ getPropertyValue: (name) => name }),
  ResizeObserver: class { constructor(tell) { this.tell = tell; } observe() { this.tell([{ contentRect: { width: 500 } }]); } },
  fetch: async (path) => {
    const found = path.startsWith('/page/') ? read(`${page}${path.slice(5)}`) : answers[path]();
    return { ok: true, status: 200, headers: new Map(), json: async () => found, text: async () => JSON.stringify(found) };
  },
});

const texts = await import(pathToFileURL(`${page}/js/texts.js`));
const { mount } = await import(pathToFileURL(`${page}/js/lifelines.js`));
await texts.loadTexts(lang);
const root = new HTMLElement('section');
const chosen = [];
const app = { getState: () => ({ panel: 'state' }), subscribe() {}, select: (what) => chosen.push(what), country: { sources: [] } };
mount(root, app);
await new Promise((done) => { setTimeout(done, 20); });

const is = (tag) => (node) => node.tag === tag;
const rows = () => root.all((node) => node.tag === 'button' && node.attributes.class === 'lives-row');
const shown = () => ({
  text: root.textContent,
  parts: root.all(is('h3')).map((node) => node.textContent),
  rows: rows().map((node) => ({
    label: node.childNodes[0].textContent, tab: node.tabIndex, expanded: node.attributes['aria-expanded'],
    bars: node.all(is('rect')).map(({ attributes }) => [Number(attributes.x), Number(attributes.width), attributes.fill]),
    marks: node.all(is('path')).filter((each) => each.attributes.d.endsWith('Z')).length,
  })),
  tags: [...new Set(root.all(() => true).map((node) => node.tag))],
});
const steps = { start: shown() };
if (rows().length) {
  rows()[0].listeners.click();
  steps.opened = shown();
  root.all(is('a'))[0]?.listeners.click({ preventDefault() {} });
  const list = root.all((node) => node.attributes.role === 'group')[0];
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp']) {
    const target = rows().find((row) => row.tabIndex === 0);
    list.listeners.keydown({ key, target, preventDefault() {} });
  }
  steps.moved = shown();
  steps.focus = document.activeElement?.childNodes[0].textContent ?? null;
  const choice = root.all(is('select'))[0];
  choice.value = '';
  choice.listeners.change();
  steps.all = shown();
}
process.stdout.write(JSON.stringify({ ...steps, chosen }));
