/**
 * What can be drawn on the map: how each layer's values become shades and words.
 */
import { exact, has, num, percent, signed, t } from './texts.js';

/** Layers in the order of the chips. */
export const LAYERS = Object.freeze([
  'crowd', 'violence', 'deaths', 'detained', 'shutdown', 'troops',
]);

/** Ways to show an ensemble. */
export const SHOWS = Object.freeze(['median', 'low', 'high', 'spread', 'member']);

const SHARE = [0.01, 0.2, 0.4, 0.6, 0.8, 0.99];

/** Bounds of the shades; `per` is the population that a value is taken relative to. */
const SCALES = {
  crowd: { per: 100_000, breaks: [1, 10, 30, 100, 300, 1000], apart: [1, 30, 300] },
  violence: { per: 100_000, breaks: [0.1, 1, 3, 10, 30, 100], apart: [0.1, 3, 30] },
  deaths: { breaks: [0.5, 3, 10, 30, 100, 200], apart: [0.5, 5, 30] },
  detained: { breaks: [0.5, 30, 100, 300, 1000, 3000], apart: [1, 30, 300] },
  shutdown: { share: true, breaks: SHARE, apart: [0.01, 0.3, 0.7] },
  troops: { share: true, breaks: SHARE, apart: [0.01, 0.3, 0.7] },
};

/** Mean differences of people below this are as good as none. */
const SMALL = 0.05;
/** Share of the normal presence from which troops count as present. */
const PRESENT = 0.5;

/** Layers whose values only grow. */
const GROWING = new Set(['deaths', 'detained']);

/**
 * @param {string} layer
 * @returns {{per?: number, share?: boolean, breaks: number[], apart: number[]}}
 */
export function scaleOf(layer) {
  return SCALES[layer] ?? SCALES.crowd;
}

/**
 * @param {string} layer
 * @returns {boolean} whether values are running totals
 */
export function grows(layer) {
  return GROWING.has(layer);
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
export function shadeApart(layer, value, population) {
  const { per, apart } = scaleOf(layer);
  const level = per ? (value / Math.max(population, 1)) * per : value;
  const steps = apart.filter((bound) => Math.abs(level) >= bound).length;
  return 3 + Math.sign(level) * steps;
}

/**
 * A value in the words of its layer: 1,200 people, 80 %.
 * @param {string} layer
 * @param {number} value
 * @param {boolean} [difference]
 * @returns {string}
 */
export function inWords(layer, value, difference = false) {
  if (scaleOf(layer).share) {
    return difference ? `${value > 0 ? '+' : value < 0 ? '−' : ''}${percent(Math.abs(value))}` : percent(value);
  }
  return difference ? apartInWords(value) : num(value);
}

/** Means of differences are often small: below one a decimal tells more than a rounded count. */
function apartInWords(value) {
  const size = Math.abs(value);
  if (size >= 1 || size === 0) return signed(value);
  return size < SMALL ? t('common.under-one') : `${value > 0 ? '+' : '−'}${exact(tenths(size))}`;
}

function tenths(size) {
  return Math.round(10 * size) / 10;
}

/**
 * A value with the noun of its layer, its range, and the sign of a difference in words.
 * @param {string} layer
 * @param {{value: number, low: number, high: number}} reading
 * @param {{difference?: boolean, range?: boolean, days?: boolean, spread?: boolean}} [how] `days` says
 *   that a running total is read over days, `spread` that the value is the width of a range
 * @returns {string}
 */
export function sentence(layer, { value, low, high }, how = {}) {
  const { difference = false, range = true, days = false, spread = false } = how;
  if (layer === 'troops' && !difference && !spread) return troops(value, range && low < PRESENT !== high < PRESENT);
  const within = days && grows(layer);
  const noun = t(within ? `layer.${layer}.noun-days` : `layer.${layer}.noun`, { count: Math.round(Math.abs(value)) });
  const said = difference ? moreOrFewer(layer, value, noun) : t('map.value', { value: inWords(layer, value), noun });
  const ends = [inWords(layer, low, difference), inWords(layer, high, difference)];
  // Quantiles are kept hour by hour: what lies between two of them is no quantile of an increase.
  if (!range || within || ends[0] === ends[1]) return said;
  return t('map.with-range', { said, low: ends[0], high: ends[1] });
}

function moreOrFewer(layer, value, noun) {
  const size = Math.abs(value);
  if (size < (scaleOf(layer).share ? 0.005 : SMALL)) return t('map.alike', { noun });
  const words = !scaleOf(layer).share && size < 1 ? exact(tenths(size)) : inWords(layer, size);
  return t(value > 0 ? 'map.more' : 'map.fewer', { value: words, noun });
}

function troops(value, open) {
  const present = value >= PRESENT;
  if (open) return t(present ? 'layer.troops.mostly' : 'layer.troops.hardly');
  return t(present ? 'layer.troops.in' : 'layer.troops.out');
}

/**
 * @param {string} layer
 * @returns {string} the name of a layer
 */
export function layerName(layer) {
  return has(`layer.${layer}.name`) ? t(`layer.${layer}.name`) : layer;
}
