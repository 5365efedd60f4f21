/**
 * Light and dark theme, and the colours that drawings take from the style sheet.
 */
const STORAGE_KEY = 'qantar-theme';
const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set();
let cached = null;

/** Whether the reader asked for reduced motion. */
export const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * @returns {'light'|'dark'}
 */
export function theme() {
  return document.documentElement.dataset.theme ?? (prefersDark.matches ? 'dark' : 'light');
}

/**
 * @param {'light'|'dark'} name
 */
export function setTheme(name) {
  document.documentElement.dataset.theme = name;
  try {
    localStorage.setItem(STORAGE_KEY, name);
  } catch {
    // Storage may be blocked; the choice then lasts until the page is closed.
  }
  themeChanged();
}

/** Restore the theme chosen on an earlier visit. */
export function initTheme() {
  let stored = null;
  try {
    stored = localStorage.getItem(STORAGE_KEY);
  } catch {
    // Storage may be blocked.
  }
  if (stored === 'light' || stored === 'dark') document.documentElement.dataset.theme = stored;
  prefersDark.addEventListener('change', themeChanged);
}

/**
 * @param {() => void} listener called when the colours have changed
 */
export function onTheme(listener) {
  listeners.add(listener);
}

/**
 * Colours of the current theme as values, which also hold in downloaded figures.
 * @returns {{ink: string, muted: string, rule: string, paper: string, land: string,
 *   border: string, blue: string, sky: string, orange: string, vermilion: string, green: string,
 *   heat: string[], diverging: string[]}}
 */
export function colours() {
  if (!cached) cached = readColours();
  return cached;
}

function themeChanged() {
  cached = null;
  for (const listener of listeners) listener();
}

const COLOUR_NAMES = [
  'ink', 'muted', 'rule', 'paper', 'card', 'land', 'border', 'blue', 'sky', 'orange', 'vermilion',
  'green', 'halo', 'band', 'band-core', 'comparison',
];

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  const series = (name, length) => Array.from({ length }, (_, k) => of(`${name}-${k}`));
  return {
    ...Object.fromEntries(COLOUR_NAMES.map((name) => [name, of(name)])),
    heat: series('heat', 9),
    diverging: series('diverging', 7),
  };
}
