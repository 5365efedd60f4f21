/**
 * Arrays of a world, fetched once: reading a value is one look into them.
 */
import { grows } from './layers.js';

/** Quantiles over members, in the order of the arrays. */
export const QUANTILES = Object.freeze([0.05, 0.25, 0.5, 0.75, 0.95]);

/** Index of each quantile by what is shown. */
const AT = { low: 0, median: 2, high: 4 };

/** Quantiles of one layer by hour and unit. */
export class Frames {
  /**
   * @param {Float32Array} numbers quantiles x hours x units, one after the other
   * @param {number} hours
   * @param {number} units
   */
  constructor(numbers, hours, units) {
    this.numbers = numbers;
    this.hours = hours;
    this.units = units;
    this.parts = numbers.length / (hours * units);
    if (!Number.isInteger(this.parts)) throw new RangeError('frames.shape');
  }

  /**
   * @param {number} part index of the quantile; a single member has only part 0
   * @param {number} hour
   * @param {number} unit
   * @returns {number}
   */
  at(part, hour, unit) {
    return this.numbers[(part * this.hours + hour) * this.units + unit];
  }

  /**
   * @param {number} part
   * @param {number} unit
   * @returns {Float32Array} one value per hour
   */
  series(part, unit) {
    const line = new Float32Array(this.hours);
    for (let hour = 0; hour < this.hours; hour += 1) line[hour] = this.at(part, hour, unit);
    return line;
  }

  /**
   * The largest value of a unit, or the increase of a running total, from one hour to another.
   * @param {number} part
   * @param {number} unit
   * @param {number} from
   * @param {number} to exclusive
   * @param {boolean} growing
   * @returns {number}
   */
  within(part, unit, from, to, growing) {
    if (growing) {
      const before = from > 0 ? this.at(part, from - 1, unit) : 0;
      return this.at(part, to - 1, unit) - before;
    }
    let most = 0;
    for (let hour = from; hour < to; hour += 1) {
      const value = this.at(part, hour, unit);
      if (Math.abs(value) > Math.abs(most)) most = value;
    }
    return most;
  }
}

/**
 * The hour at which the middle of a unit is farthest from nought.
 * @param {Frames} frames
 * @param {number} unit
 * @returns {[number, number]} hour and value
 */
export function farthest(frames, unit) {
  let [best, most] = [0, 0];
  for (let hour = 0; hour < frames.hours; hour += 1) {
    const value = frames.at(2, hour, unit);
    if (Math.abs(value) > Math.abs(most)) [best, most] = [hour, value];
  }
  return [best, Math.abs(most) < 0.005 ? 0 : most];
}

/**
 * How values are read in a state: at the hour, or over the brush.
 * @param {import('./state.js').State} state
 * @param {string} layer
 * @param {Frames|null} frames
 * @param {Frames|null} [single] of one member, when one is shown
 * @returns {null | ((unit: number) => {value: number, low: number, high: number})}
 */
export function reader(state, layer, frames, single = null) {
  if (!frames) return null;
  const look = looker(state, layer);
  return (unit) => {
    const low = look(frames, 0, unit);
    const high = look(frames, frames.parts - 1, unit);
    return { value: shown(state, frames, single, look, unit, low, high), low, high };
  };
}

/**
 * Like `reader`, but only the value that is shown: the fast way for every frame.
 * @param {import('./state.js').State} state
 * @param {string} layer
 * @param {Frames|null} frames
 * @param {Frames|null} [single]
 * @returns {(unit: number) => number} 0 where nothing is recorded
 */
export function valueReader(state, layer, frames, single = null) {
  if (!frames) return () => 0;
  const look = looker(state, layer);
  if (state.show === 'member' && single) return (unit) => look(single, 0, unit);
  if (state.show === 'spread') return (unit) => look(frames, 4, unit) - look(frames, 0, unit);
  const part = AT[state.show] ?? 2;
  return (unit) => look(frames, part, unit);
}

function shown(state, frames, single, look, unit, low, high) {
  if (state.show === 'spread') return high - low;
  if (state.show === 'member' && single) return look(single, 0, unit);
  return look(frames, AT[state.show] ?? 2, unit);
}

function looker(state, layer) {
  const { hour, from, to } = state;
  if (from === null || to === null) return (frames, part, unit) => frames.at(part, hour, unit);
  const growing = grows(layer);
  return (frames, part, unit) => frames.within(part, unit, from, to, growing);
}
