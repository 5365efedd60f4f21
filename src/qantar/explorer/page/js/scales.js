/**
 * Scales of the map: classes of the colours, and sizes of the circles, from the values of a layer.
 *
 * Both are computed from all hours of what the map shows, so they do not change during playback.
 */
import { QUANTILE_OF, valueReader } from './frames.js';
import { isShare, rateOf } from './layers.js';

/** Number of bounds between classes, without and with a difference; for the latter on each side. */
const BREAKS = 8;
const DIFFERENCE_BREAKS = 3;
const SHARE_BREAKS = [0.01, 0.2, 0.4, 0.6, 0.8, 0.99];
const SHARE_DIFFERENCE_BREAKS = [0.01, 0.3, 0.7];

/** Smallest bound of a layer; smaller values count as none. Crowd and violence are per 100,000 inhabitants. */
const SMALLEST = { crowd: 1, violence: 0.1, deaths: 1, detained: 1 };
const SMALLEST_DIFFERENCE = { crowd: 1, violence: 0.1, deaths: 0.5, detained: 1 };

/** Share of the total over all hours and regions that the lowest class may hold. */
const LOWEST_SHARE = 0.1;
const ROUND_NUMBERS = [1, 1.2, 1.4, 1.6, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9, 10];

/** Radius of the largest circle, in map units; the area of a circle grows with the value. */
const MAX_RADIUS = 32;
/** Towns with less are drawn as a small dot. */
export const MIN_CIRCLE = 1;

/**
 * @typedef {Object} Scale
 * @property {string} layer
 * @property {string} circleLayer layer of the circles: layers in per cent show the crowd
 * @property {boolean} difference
 * @property {number[]} breaks lower bounds of all classes but the lowest; of a difference, of its size
 * @property {number} radiusPerRoot radius of the circle of one person, in map units
 * @property {number[]} circles values whose circles the legend shows, ascending
 */

/** Layer that the circles of towns show. */
export function circleLayer(layer) {
  return isShare(layer) ? 'crowd' : layer;
}

/**
 * The scale of a map.
 * @param {{layer: string, show: string, difference: boolean, units: Object[], frames: Array,
 *   circleFrames: Array}} what `frames` are those of the layer, `circleFrames` those of its circle layer:
 *   one item for each world that is drawn, `{frames, member}`
 * @returns {Scale}
 */
export function createScale({ layer, show, difference, units, frames, circleFrames }) {
  const circles = circleLayer(layer);
  const regions = indices(units, (unit) => unit.kind === 'region');
  const towns = indices(units, (unit) => unit.kind === 'place' && unit.town);
  const levels = collect(frames, layer, show, regions).map(([unit, value]) => Math.abs(rateOf(layer, value, units[unit].population)));
  const circleShow = show === 'spread' ? 'median' : show;
  const largest = collect(circleFrames, circles, circleShow, towns).reduce((most, [, value]) => Math.max(most, Math.abs(value)), 0);
  return {
    layer,
    circleLayer: circles,
    difference,
    breaks: difference ? differenceBreaks(layer, levels) : classBreaks(layer, levels),
    radiusPerRoot: MAX_RADIUS / Math.sqrt(Math.max(largest, 10)),
    circles: circleValues(Math.max(largest, 10)),
  };
}

/**
 * The class of a value.
 * @param {Scale} scale
 * @param {number} level as `rateOf` gives it
 * @returns {number} 0 to the number of breaks; of a difference minus to plus that number
 */
export function classOf({ breaks, difference }, level) {
  const steps = breaks.filter((bound) => Math.abs(level) >= bound).length;
  return difference && level < 0 ? -steps : steps;
}

/**
 * The colour of a class.
 * @param {Scale} scale
 * @param {number} step as `classOf` gives it
 * @param {Object} colours as `theme.colours()` gives them
 * @returns {string}
 */
export function classColour({ breaks, difference }, step, colours) {
  const palette = difference ? colours.diverging : colours.heat;
  if (difference) return palette[(palette.length - 1) / 2 + step];
  return palette[Math.round((step * (palette.length - 1)) / breaks.length)];
}

/**
 * The radius of the circle of a value, in map units.
 * @param {Scale} scale
 * @param {number} value
 * @param {number} [zoom] map units per pixel
 * @returns {number}
 */
export function circleRadius({ radiusPerRoot }, value, zoom = 1) {
  return Math.sqrt(Math.abs(value)) * radiusPerRoot * Math.min(Math.sqrt(zoom), 1.5);
}

/** Fill and opacity of the circle of a value, on the map and in its legend. */
export function circleFill({ difference }, value, colours) {
  const fill = difference ? colours.diverging[value < 0 ? 0 : colours.diverging.length - 1] : colours.blue;
  return { fill, 'fill-opacity': 0.82 };
}

function indices(units, wanted) {
  return units.flatMap((unit, k) => (wanted(unit) ? [k] : []));
}

/** All values of some units over all hours, as pairs of unit and value. */
function collect(sources, layer, show, units) {
  const found = [];
  for (const { frames, member } of sources) {
    const statistic = show in QUANTILE_OF || show === 'spread' || member ? show : 'median';
    for (let hour = 0; hour < frames.hours; hour += 1) {
      const read = valueReader({ hour, from: null, to: null, show: statistic }, layer, frames, member);
      for (const unit of units) found.push([unit, read(unit)]);
    }
  }
  return found;
}

/** Bounds at equal ratios, up to the largest value. */
function classBreaks(layer, levels) {
  if (isShare(layer)) return SHARE_BREAKS;
  const smallest = SMALLEST[layer] ?? 1;
  const sorted = levels.filter((level) => level >= smallest).sort((a, b) => a - b);
  if (!sorted.length) return [smallest];
  const total = sorted.reduce((sum, level) => sum + level, 0);
  let below = 0;
  let low = sorted[0];
  // A death counts wherever it is; of larger numbers the lowest class holds what is negligible.
  if (layer !== 'deaths') {
    for (const level of sorted) {
      low = level;
      below += level;
      if (below >= LOWEST_SHARE * total) break;
    }
  }
  return geometricBreaks(Math.max(low, smallest), sorted.at(-1), BREAKS);
}

function differenceBreaks(layer, levels) {
  if (isShare(layer)) return SHARE_DIFFERENCE_BREAKS;
  const smallest = SMALLEST_DIFFERENCE[layer] ?? 1;
  return geometricBreaks(smallest, Math.max(...levels, 30 * smallest), DIFFERENCE_BREAKS);
}

function geometricBreaks(low, high, count) {
  const ratio = (high / low) ** (1 / count);
  const breaks = Array.from({ length: count }, (_, k) => roundNumber(low * ratio ** k));
  return [...new Set(breaks)];
}

/** The round number nearest to a value. */
function roundNumber(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const nearest = ROUND_NUMBERS.reduce((best, each) => (Math.abs(each - value / power) < Math.abs(best - value / power) ? each : best));
  return Number((nearest * power).toPrecision(2));
}

/** Up to three values for the circles of a legend: about the largest, a fifth and a fiftieth of it. */
function circleValues(largest) {
  const values = [50, 5, 1].map((part) => {
    const value = largest / part;
    const power = 10 ** Math.floor(Math.log10(value));
    return power * [5, 2, 1].find((each) => each * power <= value * (1 + 1e-9));
  });
  return [...new Set(values.filter((value) => value >= MIN_CIRCLE))];
}
