/**
 * Layers of the map, and their values as text.
 */
import { exact, has, num, percent, signed, t } from './texts.js';

/** Layers in the order of their buttons. */
export const LAYERS = Object.freeze([
  'crowd', 'violence', 'deaths', 'detained', 'shutdown', 'troops',
]);

/** Ways to show an ensemble: a quantile, the width of its range, or a single member. */
export const STATISTICS = Object.freeze(['median', 'low', 'high', 'spread', 'member']);

/** Inhabitants that numbers of a layer are relative to when regions are compared. */
const RATE_LAYERS = { crowd: 100_000, violence: 100_000 };
/** Layers in per cent. */
const SHARE_LAYERS = new Set(['shutdown', 'troops']);

/** Differences in numbers of people below this are shown as none. */
const NEGLIGIBLE = 0.05;
/** Share of full presence from which troops count as present. */
const PRESENT = 0.5;

/** Layers that are running totals. */
const CUMULATIVE = new Set(['deaths', 'detained']);

/**
 * @param {string} layer
 * @returns {boolean} whether values are shares
 */
export function isShare(layer) {
  return SHARE_LAYERS.has(layer);
}

/**
 * @param {string} layer
 * @returns {number|null} the number of inhabitants that colours are relative to; null for plain numbers
 */
export function ratePer(layer) {
  return RATE_LAYERS[layer] ?? null;
}

/**
 * A value as the colours show it: relative to the population for some layers.
 * @param {string} layer
 * @param {number} value
 * @param {number} population of the unit
 * @returns {number}
 */
export function rateOf(layer, value, population) {
  const per = ratePer(layer);
  return per ? (value / Math.max(population, 1)) * per : value;
}

/**
 * @param {string} layer
 * @returns {boolean} whether values are running totals
 */
export function isCumulative(layer) {
  return CUMULATIVE.has(layer);
}

/**
 * A value of a layer: 1,200 or 80 %; differences have a sign.
 * @param {string} layer
 * @param {number} value
 * @param {boolean} [difference]
 * @returns {string}
 */
export function formatValue(layer, value, difference = false) {
  if (isShare(layer)) {
    return difference ? `${value > 0 ? '+' : value < 0 ? '−' : ''}${percent(Math.abs(value))}` : percent(value);
  }
  return difference ? formatCountDifference(value) : num(value);
}

/** Mean differences are often below one; those keep a decimal. */
function formatCountDifference(value) {
  const size = Math.abs(value);
  if (size >= 1 || size === 0) return signed(value);
  return size < NEGLIGIBLE ? t('common.under-one') : `${value > 0 ? '+' : '−'}${exact(roundToTenth(size))}`;
}

function roundToTenth(size) {
  return Math.round(10 * size) / 10;
}

/**
 * A value with the noun of its layer and its range; differences as more or fewer.
 * @param {string} layer
 * @param {{value: number, low: number, high: number}} reading
 * @param {{difference?: boolean, range?: boolean, days?: boolean, spread?: boolean}} [options]
 *   `range` adds the range, `days` says that the value is of several days, `spread` that it is the width of
 *   a range
 * @returns {string}
 */
export function describeValue(layer, { value, low, high }, options = {}) {
  const { difference = false, range = true, days = false, spread = false } = options;
  if (layer === 'troops' && !difference && !spread) return describeTroops(value, range && low < PRESENT !== high < PRESENT);
  const increase = days && isCumulative(layer);
  const noun = t(increase ? `layer.${layer}.noun-days` : `layer.${layer}.noun`, { count: Math.round(Math.abs(value)) });
  const text = difference ? moreOrFewer(layer, value, noun) : t('map.value', { value: formatValue(layer, value), noun });
  const bounds = [formatValue(layer, low, difference), formatValue(layer, high, difference)];
  // Quantiles are known hour by hour: the difference of two of them is not a quantile of the increase.
  if (!range || increase || bounds[0] === bounds[1]) return text;
  return t('map.with-range', { said: text, low: bounds[0], high: bounds[1] });
}

function moreOrFewer(layer, value, noun) {
  const size = Math.abs(value);
  if (size < (isShare(layer) ? 0.005 : NEGLIGIBLE)) return t('map.alike', { noun });
  const amount = !isShare(layer) && size < 1 ? exact(roundToTenth(size)) : formatValue(layer, size);
  return t(value > 0 ? 'map.more' : 'map.fewer', { value: amount, noun });
}

/** Troops have no number: they are present, absent, or present in part of the runs. */
function describeTroops(value, uncertain) {
  const present = value >= PRESENT;
  if (uncertain) return t(present ? 'layer.troops.mostly' : 'layer.troops.hardly');
  return t(present ? 'layer.troops.in' : 'layer.troops.out');
}

/**
 * @param {string} layer
 * @returns {string} the name of a layer
 */
export function layerName(layer) {
  return has(`layer.${layer}.name`) ? t(`layer.${layer}.name`) : layer;
}
