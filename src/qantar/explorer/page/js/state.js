/**
 * What the page shows: one frozen object, mirrored in the address bar so that a link restores it.
 */

/**
 * @typedef {Object} State
 * @property {number} v version of the link
 * @property {string} episode
 * @property {string} account
 * @property {string|null} rival second account, side by side
 * @property {string|null} belief
 * @property {string|null} mode
 * @property {number} seed
 * @property {number} members
 * @property {string|null} change text of the changes
 * @property {string|null} run name of a run directory shown instead of a world
 * @property {string|null} other second run directory
 * @property {string} layer
 * @property {string} show median, low, high, spread or member
 * @property {number} member number of the single member
 * @property {string} side base, changed or difference
 * @property {number} hour on the episode's clock
 * @property {string|null} unit such as `place:Almaty`; null is the country
 * @property {number|null} from first hour of the brush
 * @property {number|null} to end of the brush, exclusive
 * @property {string} panel
 * @property {string|null} lang
 */

/** @type {Readonly<State>} Values that a link need not name, in the order of a link. */
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
  lang: null,
});

/** Hour at which the bare page opens: the beginning of 2 January. */
export const OPENING_HOUR = 24;

/** Keys that say which world is run. */
export const WORLD_KEYS = Object.freeze([
  'episode', 'account', 'belief', 'mode', 'seed', 'members', 'change',
]);

/** Address bars are slow: hours that pass while playing are written only once in a while. */
const SETTLE = 350;

let current = DEFAULTS;
let waiting = 0;
const listeners = new Set();

/**
 * @returns {Readonly<State>}
 */
export function getState() {
  return current;
}

/**
 * Change part of the state; listeners hear of it at once, if anything changed.
 * @param {Partial<State>} patch
 * @param {{push?: boolean, quiet?: boolean}} [how] `push` for steps that "back" undoes; `quiet`
 *   keeps the address bar as it is (used when the address itself changed)
 */
export function setState(patch, { push = false, quiet = false } = {}) {
  const changed = new Set(
    Object.keys(patch).filter((key) => key in DEFAULTS && patch[key] !== current[key]),
  );
  if (!changed.size) return;
  if (push) settle();
  const next = { ...current };
  for (const key of changed) next[key] = patch[key] ?? (DEFAULTS[key] === null ? null : DEFAULTS[key]);
  current = Object.freeze(next);
  if (push) history.pushState(current, '', address(current));
  else if (!quiet) soon();
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
 * Take over the state that a link restored, and follow the browser's "back" from now on.
 * @param {Partial<State>} state
 */
export function startState(state) {
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
  // A bare address opens at another hour than a link that names none.
  return query ? `?${query}` : `?hour=${state.hour}`;
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(settle, SETTLE);
}

function settle() {
  clearTimeout(waiting);
  history.replaceState(current, '', address(current));
}
