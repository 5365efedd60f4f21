/**
 * Light and dark, and the colours that drawings take from the style sheet.
 */

const KEPT = 'qantar-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set();
let known = null;

/** Whether people asked for less movement. */
export const calm = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * @returns {'light'|'dark'}
 */
export function theme() {
  return document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light');
}

/**
 * @param {'light'|'dark'} name
 */
export function setTheme(name) {
  document.documentElement.dataset.theme = name;
  try {
    localStorage.setItem(KEPT, name);
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
  }
  changed();
}

/** Take over the choice of an earlier visit. */
export function startTheme() {
  let kept = null;
  try {
    kept = localStorage.getItem(KEPT);
  } catch {
    // See above.
  }
  if (kept === 'light' || kept === 'dark') document.documentElement.dataset.theme = kept;
  dark.addEventListener('change', changed);
}

/**
 * @param {() => void} listener called when colours changed
 */
export function onTheme(listener) {
  listeners.add(listener);
}

/**
 * Colours of the present theme, as values that a saved figure keeps.
 * @returns {{ink: string, muted: string, rule: string, paper: string, land: string,
 *   border: string, blue: string, sky: string, orange: string, vermilion: string, green: string,
 *   heat: string[], apart: string[]}}
 */
export function colours() {
  if (!known) known = read();
  return known;
}

function changed() {
  known = null;
  for (const listener of listeners) listener();
}

const NAMES = [
  'ink', 'muted', 'rule', 'paper', 'card', 'land', 'border', 'blue', 'sky', 'orange', 'vermilion',
  'green', 'halo', 'band', 'band-core', 'second',
];

function read() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  const series = (name) => Array.from({ length: 7 }, (_, k) => of(`${name}-${k}`));
  return {
    ...Object.fromEntries(NAMES.map((name) => [name, of(name)])),
    heat: series('heat'),
    apart: series('apart'),
  };
}
