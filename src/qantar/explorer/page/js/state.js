/**
 * The state of the page: one frozen object, mirrored in the address bar so that a link restores it.
 */
/**
 * @typedef {Object} State
 * @property {number} v version of the link
 * @property {string} episode
 * @property {string} account
 * @property {string|null} rival second account, for comparison
 * @property {string|null} belief
 * @property {string|null} mode
 * @property {number} seed
 * @property {number} members
 * @property {string|null} change interventions of a what-if, as text
 * @property {string|null} run name of a run directory that is shown instead
 * @property {string|null} other second run directory, for comparison
 * @property {string} layer
 * @property {string} show median, low, high, spread or member
 * @property {number} member number of the single member
 * @property {string} side base, changed or difference
 * @property {number} hour on the episode's clock
 * @property {string|null} unit such as `place:Almaty`; null is the country
 * @property {number|null} from first hour of the selected days
 * @property {number|null} to end of the selected days, exclusive
 * @property {string} panel
 * @property {number|null} year of the page of the years; null is its last dated one
 * @property {string|null} lang
 */

/** @type {Readonly<State>} Values that a link can leave out, in the order of a link. */
export const DEFAULTS = Object.freeze({
  v: 1,
  episode: 'january-2022',
  account: 'union',
  rival: null,
  belief: null,
  mode: null,
  seed: 1,
  members: 100,
  change: null,
  run: null,
  other: null,
  layer: 'crowd',
  show: 'median',
  member: 0,
  side: 'base',
  hour: 108,
  unit: null,
  from: null,
  to: null,
  panel: 'story',
  year: null,
  lang: null,
});

/** Hour at which the page opens without a link: the beginning of 2 January. */
export const OPENING_HOUR = 24;

/** Keys that determine the world. */
export const WORLD_KEYS = Object.freeze([
  'episode', 'account', 'belief', 'mode', 'seed', 'members', 'change',
]);

/** Milliseconds until the address bar is updated: browsers limit how often that can be done. */
const ADDRESS_DELAY = 350;

let current = DEFAULTS;
let timer = 0;
const listeners = new Set();

/**
 * @returns {Readonly<State>}
 */
export function getState() {
  return current;
}

/**
 * Change part of the state, and call the listeners at once if anything has changed.
 * @param {Partial<State>} patch
 * @param {{push?: boolean, quiet?: boolean}} [options] `push` makes a step that "back" undoes; `quiet`
 *   leaves the address bar as it is, for changes that come from it
 */
export function setState(patch, { push = false, quiet = false } = {}) {
  const changed = new Set(
    Object.keys(patch).filter((key) => key in DEFAULTS && patch[key] !== current[key]),
  );
  if (!changed.size) return;
  if (push) writeAddress();
  const next = { ...current };
  for (const key of changed) next[key] = patch[key] ?? (DEFAULTS[key] === null ? null : DEFAULTS[key]);
  current = Object.freeze(next);
  if (push) history.pushState(current, '', address(current));
  else if (!quiet) {
    clearTimeout(timer);
    timer = setTimeout(writeAddress, ADDRESS_DELAY);
  }
  for (const listener of [...listeners]) listener(current, changed);
}

/**
 * @param {(state: Readonly<State>, changed: Set<string>) => void} listener
 * @returns {() => void} stops listening
 */
export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * The link of a state: only what differs from the defaults, in a fixed order.
 * @param {Partial<State>} [state]
 * @param {readonly string[]} [keys] only these keys
 * @returns {string} without a question mark
 */
export function queryOf(state = current, keys = Object.keys(DEFAULTS)) {
  const query = new URLSearchParams();
  for (const key of keys) {
    const value = state[key] ?? null;
    if (value !== null && value !== DEFAULTS[key]) query.set(key, String(value));
  }
  return query.toString();
}

/**
 * Set the first state, from a link, and follow the browser's "back" from now on.
 * @param {Partial<State>} state
 */
export function initState(state) {
  const given = Object.fromEntries(
    Object.entries(state).filter(([key, value]) => key in DEFAULTS && value !== null),
  );
  current = Object.freeze({ ...DEFAULTS, ...given });
  history.replaceState(current, '', address(current));
  addEventListener('popstate', (event) => {
    if (event.state) setState({ ...DEFAULTS, ...event.state }, { quiet: true });
  });
}

function address(state) {
  const query = queryOf(state);
  // An address without a query opens at another hour than a link that names none.
  return query ? `?${query}` : `?hour=${state.hour}`;
}

function writeAddress() {
  clearTimeout(timer);
  history.replaceState(current, '', address(current));
}
