/**
 * Fan charts: the range of the ensemble by hour, and what lies over it.
 */
import { svg } from './dom.js';

/**
 * @typedef {{x: (hour: number) => number, y: (value: number) => number, least: number,
 *   most: number}} Axes
 */

/**
 * @param {{hours: number, left: number, right: number, top: number, bottom: number,
 *   least?: number, most: number}} box in pixels; `least` and `most` are values
 * @returns {Axes}
 */
export function axesOf({ hours, left, right, top, bottom, least = 0, most }) {
  const reach = most - least || 1;
  return {
    x: (hour) => left + ((right - left) * hour) / (hours - 1),
    y: (value) => bottom - ((bottom - top) * (value - least)) / reach,
    least,
    most,
  };
}

/**
 * The bands and the median of one unit.
 * @param {import('./frames.js').Frames} frames
 * @param {number} unit
 * @param {Axes} axes
 * @param {Object} colours
 * @param {{every?: number}} [how] draw only every so many hours
 * @returns {SVGElement[]}
 */
export function fan(frames, unit, axes, colours, { every = 1 } = {}) {
  const last = frames.parts - 1;
  return [
    band(frames, unit, axes, 0, last, colours.band, every),
    band(frames, unit, axes, 1, last - 1, colours['band-core'], every),
    line(frames, 2, unit, axes, { stroke: colours.blue, 'stroke-width': 1.8, every }),
  ];
}

/**
 * One line of values by hour.
 * @param {import('./frames.js').Frames} frames
 * @param {number} part
 * @param {number} unit
 * @param {Axes} axes
 * @param {Object} look attributes of the line; `every` as for `fan`
 * @returns {SVGElement}
 */
export function line(frames, part, unit, axes, { every = 1, ...look }) {
  return svg('path', {
    d: `M${points(frames, part, unit, axes, every).join('L')}`,
    fill: 'none', 'stroke-linejoin': 'round', ...look,
  });
}

/**
 * The extremes that a chart has to hold.
 * @param {Array<[import('./frames.js').Frames, number[]]>} shown frames with the parts drawn
 * @param {number} unit
 * @returns {{least: number, most: number}}
 */
export function extent(shown, unit) {
  let [least, most] = [0, 0];
  for (const [frames, parts] of shown) {
    for (const part of parts) {
      for (let hour = 0; hour < frames.hours; hour += 1) {
        const value = frames.at(part, hour, unit);
        if (value > most) most = value;
        if (value < least) least = value;
      }
    }
  }
  return { least, most };
}

/**
 * Round numbers between two values, one beside nought at least.
 * @param {number} least
 * @param {number} most
 * @param {number} [wish] about how many
 * @returns {number[]}
 */
export function ticks(least, most, wish = 3) {
  const reach = most - least;
  if (reach <= 0) return [0];
  const rough = reach / wish;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const found = [];
  for (let at = Math.ceil(least / step) * step; at <= most + step * 1e-9; at += step) found.push(at || 0); // no -0
  return found.some((each) => each !== 0) || wish >= 12 ? found : ticks(least, most, wish + 1);
}

function band(frames, unit, axes, low, high, fill, every) {
  const upper = points(frames, high, unit, axes, every);
  const lower = points(frames, low, unit, axes, every).reverse();
  return svg('path', { d: `M${upper.concat(lower).join('L')}Z`, fill, stroke: 'none' });
}

function points(frames, part, unit, axes, every) {
  const found = [];
  for (let hour = 0; hour < frames.hours; hour += every) {
    const value = Math.min(Math.max(frames.at(part, hour, unit), axes.least), axes.most);
    found.push(`${axes.x(hour).toFixed(1)} ${axes.y(value).toFixed(1)}`);
  }
  return found;
}
