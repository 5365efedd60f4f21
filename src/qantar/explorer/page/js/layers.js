/**
 * What can be drawn on the map: how each layer's values become shades and words.
 */
import { has, num, percent, signed, t } from './texts.js';

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
  return difference ? signed(value) : num(value);
}

/**
 * A value with the noun of its layer, its range, and the sign of a difference in words.
 * @param {string} layer
 * @param {{value: number, low: number, high: number}} reading
 * @param {{difference?: boolean, range?: boolean}} [how]
 * @returns {string}
 */
export function sentence(layer, { value, low, high }, { difference = false, range = true } = {}) {
  const noun = t(`layer.${layer}.noun`, { count: Math.round(Math.abs(value)) });
  const said = difference
    ? t(value > 0 ? 'map.more' : value < 0 ? 'map.fewer' : 'map.alike', {
      value: inWords(layer, Math.abs(value)), noun,
    })
    : t('map.value', { value: inWords(layer, value), noun });
  const ends = [inWords(layer, low, difference), inWords(layer, high, difference)];
  if (!range || ends[0] === ends[1]) return said;
  return t('map.with-range', { said, low: ends[0], high: ends[1] });
}

/**
 * @param {string} layer
 * @returns {string} the name of a layer
 */
export function layerName(layer) {
  return has(`layer.${layer}.name`) ? t(`layer.${layer}.name`) : layer;
}
