/**
 * What the state does, and when it is where: captions beside the clock.
 */
import { day, time } from './clock.js';
import { moment, t } from './texts.js';

/** Hours for which a caption stays. */
const STAYS = 12;

/**
 * @typedef {{hour: number, name: string, label: string, number: number, when: string,
 *   modelled: boolean}} Happening
 */

/**
 * What the state does in a world: at the model's median hour where the model decides, otherwise
 * at the earliest hour that sources allow. What most runs never do is left out.
 * @param {Object} country
 * @param {Object|null} world
 * @param {string} [side]
 * @returns {Happening[]} by hour
 */
export function happenings(country, world, side = 'base') {
  const modelled = hoursOf(world, side);
  return country.actions
    .filter((action) => modelled.get(action.name) !== null)
    .map((action) => ({
      hour: modelled.get(action.name) ?? action.earliest,
      name: action.name,
      label: action.label,
      number: action.number,
      when: spanOf(action),
      modelled: modelled.has(action.name),
    }))
    .filter(({ hour }) => hour >= 0 && hour < country.hours)
    .sort((a, b) => a.hour - b.hour);
}

function hoursOf(world, side) {
  const hours = new Map();
  for (const each of world?.decisions ?? []) {
    hours.set(each.action, each.taken >= 0.5 && each.q50 !== null ? Math.round(each.q50) : null);
  }
  if (side === 'base') return hours;
  for (const each of world?.whatif?.decisions ?? []) {
    const { taken, q50 } = each.changed;
    hours.set(each.action, taken >= 0.5 && q50 !== null ? Math.round(q50) : null);
  }
  return hours;
}

/**
 * When an action came, by the sources: 4 to 5 January.
 * @param {{earliest: number, latest: number}} action
 * @returns {string}
 */
export function spanOf({ earliest, latest }) {
  const [first, last] = [day(earliest), day(latest)];
  if (first === last) return first;
  const sameMonth = day(earliest, 'short').split(' ')[1] === day(latest, 'short').split(' ')[1];
  return t('common.span', { from: sameMonth ? day(earliest, 'number') : first, to: last });
}

/**
 * What has just happened at an hour.
 * @param {Happening[]} all
 * @param {number} hour
 * @returns {Happening[]} the latest first
 */
export function recent(all, hour) {
  return all.filter((each) => each.hour <= hour && each.hour > hour - STAYS).reverse();
}

/**
 * A happening as a sentence. Where the sources alone date it, no hour is known.
 * @param {Happening} each
 * @returns {string}
 */
export function captionOf(each) {
  const when = each.modelled
    ? t('map.when-model', { moment: t('common.moment', { day: day(each.hour, 'short'), time: time(each.hour) }) })
    : t('map.when-sources', { when: each.when });
  return t('map.caption', { label: each.label, when });
}

/**
 * What to call a unit: a region must not be taken for the town it is named after.
 * @param {{label: string, kind: string, town: boolean}} unit
 * @returns {string}
 */
export function unitName({ label, kind, town }) {
  // A region that is called so already, or is a city, needs no word more.
  const plain = kind !== 'region' || town || /(region|\))$/i.test(label);
  return plain ? label : t('map.unit-region', { label });
}

/**
 * The place whose clock is read: the chosen unit, or the largest place on the episode's clock.
 * @param {Object} app
 * @param {import('./state.js').State} state
 * @returns {{label: string, offset: number}}
 */
export function clockPlace(app, state) {
  const chosen = app.unit(state.unit);
  if (chosen.kind !== 'country') return { ...chosen, label: unitName(chosen) };
  return app.country.units
    .filter((unit) => unit.kind === 'place' && unit.offset === 0)
    .reduce((best, unit) => (unit.population > best.population ? unit : best), { ...chosen, population: 0 });
}

/**
 * The hour in local time: Wednesday 5 January, 14:00 in Almaty.
 * @param {Object} app
 * @param {import('./state.js').State} state
 * @returns {string}
 */
export function localMoment(app, state) {
  const place = clockPlace(app, state);
  return t('common.moment-in', { moment: moment(state.hour + place.offset), place: place.label });
}
