/**
 * Layers of the map: scales, shades, and values as text.
 */
import { exact, has, num, percent, signed, t } from './texts.js';

/** Layers in the order of their buttons. */
export const LAYERS = Object.freeze([
  'crowd', 'violence', 'deaths', 'detained', 'shutdown', 'troops',
]);

/** Ways to show an ensemble: a quantile, the width of its range, or a single member. */
export const STATISTICS = Object.freeze(['median', 'low', 'high', 'spread', 'member']);

const SHARE = [0.01, 0.2, 0.4, 0.6, 0.8, 0.99];

/** Bounds of the shades; with `per`, values are relative to so many inhabitants. */
const SCALES = {
  crowd: { per: 100_000, breaks: [1, 10, 30, 100, 300, 1000], differenceBreaks: [1, 30, 300] },
  violence: { per: 100_000, breaks: [0.1, 1, 3, 10, 30, 100], differenceBreaks: [0.1, 3, 30] },
  deaths: { breaks: [0.5, 3, 10, 30, 100, 200], differenceBreaks: [0.5, 5, 30] },
  detained: { breaks: [0.5, 30, 100, 300, 1000, 3000], differenceBreaks: [1, 30, 300] },
  shutdown: { share: true, breaks: SHARE, differenceBreaks: [0.01, 0.3, 0.7] },
  troops: { share: true, breaks: SHARE, differenceBreaks: [0.01, 0.3, 0.7] },
};

/** Differences in numbers of people below this are shown as none. */
const NEGLIGIBLE = 0.05;
/** Share of full presence from which troops count as present. */
const PRESENT = 0.5;

/** Layers that are running totals. */
const CUMULATIVE = new Set(['deaths', 'detained']);

/**
 * @param {string} layer
 * @returns {{per?: number, share?: boolean, breaks: number[], differenceBreaks: number[]}} bounds of the shades
 */
export function scaleOf(layer) {
  return SCALES[layer] ?? SCALES.crowd;
}

/**
 * @param {string} layer
 * @returns {boolean} whether values are running totals
 */
export function isCumulative(layer) {
  return CUMULATIVE.has(layer);
}

/**
 * The shade of a value.
 * @param {string} layer
 * @param {number} value
 * @param {number} population of the unit
 * @returns {number} 0 to 6
 */
export function shade(layer, value, population) {
  const { per, breaks } = scaleOf(layer);
  const level = per ? (value / Math.max(population, 1)) * per : value;
  let step = 0;
  while (step < breaks.length && level >= breaks[step]) step += 1;
  return step;
}

/**
 * The shade of a difference.
 * @param {string} layer
 * @param {number} value
 * @param {number} population of the unit
 * @returns {number} 0 (far fewer) to 6 (far more); 3 is alike
 */
export function differenceShade(layer, value, population) {
  const { per, differenceBreaks } = scaleOf(layer);
  const level = per ? (value / Math.max(population, 1)) * per : value;
  const steps = differenceBreaks.filter((bound) => Math.abs(level) >= bound).length;
  return 3 + Math.sign(level) * steps;
}

/**
 * A value of a layer: 1,200 or 80 %; differences have a sign.
 * @param {string} layer
 * @param {number} value
 * @param {boolean} [difference]
 * @returns {string}
 */
export function formatValue(layer, value, difference = false) {
  if (scaleOf(layer).share) {
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
  if (size < (scaleOf(layer).share ? 0.005 : NEGLIGIBLE)) return t('map.alike', { noun });
  const amount = !scaleOf(layer).share && size < 1 ? exact(roundToTenth(size)) : formatValue(layer, size);
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
