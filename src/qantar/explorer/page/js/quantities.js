/**
 * Quantities of a comparison as people read them: values, differences and their intervals.
 */
import { day as dayOf } from './clock.js';
import { exact, t } from './texts.js';

const DAYS = new Set(['last_day', 'onset_day']);
const SHARES = new Set(['probability', 'share']);
const MINUS = '\u2212';
const NARROW = '\u00a0';

/**
 * A number with three digits from a thousand, whole from ten, else to a tenth.
 * @param {number|null|undefined} value
 * @returns {string}
 */
export function figure(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return t('common.none');
  const size = Math.abs(value);
  const text = exact(size >= 1000 ? Number(size.toPrecision(3)) : Number(size.toFixed(size >= 9.95 ? 0 : 1)));
  return value < 0 && text !== '0' ? MINUS + text : text;
}

/**
 * A difference with its sign: +12, −0.4 or 0.
 * @param {number|null} value
 * @param {string} [unit] shares are given in percentage points
 * @returns {string}
 */
export function gap(value, unit = '') {
  if (value === null || value === undefined) return t('common.none');
  const text = figure(SHARES.has(unit) ? 100 * value : value);
  return text === '0' || text.startsWith(MINUS) ? text : `+${text}`;
}

/**
 * An interval of differences: −55 to −12.
 * @param {number} low
 * @param {number} high
 * @param {string} [unit]
 * @returns {string}
 */
export function interval(low, high, unit = '') {
  return t('whatif.reach.plain', { low: gap(low, unit), high: gap(high, unit) });
}

/**
 * The value of a quantity in one world: 104, 37 % or 12 Mar.
 * @param {string} quantity
 * @param {string} unit
 * @param {number|null} value
 * @returns {string}
 */
export function valueOf(quantity, unit, value) {
  if (value === null || value === undefined) return t('common.none');
  if (DAYS.has(quantity)) return dayOf(24 * Math.floor(value + 0.5), 'short');
  return SHARES.has(unit) ? `${Math.round(100 * value)}${NARROW}%` : figure(value);
}

/**
 * An interval of people in words: 12 to 55 fewer, or 12 fewer to 6 more.
 * @param {number} low
 * @param {number} high
 * @returns {string}
 */
export function fewerOrMore(low, high) {
  const [a, b] = [figure(Math.abs(low)), figure(Math.abs(high))];
  if (high <= 0) return t('whatif.reach.fewer', { low: b, high: a });
  if (low >= 0) return t('whatif.reach.more', { low: a, high: b });
  return t('whatif.reach.both', { low: a, high: b });
}
