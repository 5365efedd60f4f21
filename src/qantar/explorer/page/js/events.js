/**
 * Dated events: what the state does in a world, and the key moments of the story.
 */
import { MEDIAN, shownSide } from './frames.js';
import { day, num, t, time } from './texts.js';

/** Hours for which a caption is shown. */
const CAPTION_HOURS = 12;

/**
 * @typedef {{hour: number, name: string, label: string, number: number, when: string,
 *   modelled: boolean}} StateAction `when` is the date in the sources; `modelled` says whether the model
 *   or the sources give the hour
 */

/**
 * Actions of the state in a world: at the model's median hour where the model decides, otherwise at the
 * earliest hour in the sources. Actions that most runs never take are left out.
 * @param {Object} app
 * @param {import('./state.js').State} state
 * @returns {StateAction[]} by hour
 */
export function stateActions(app, state) {
  const world = app.world();
  const modelled = modelledHours(world, shownSide(state, world));
  return app.country.actions
    .filter((action) => modelled.get(action.name) !== null)
    .map((action) => ({
      hour: modelled.get(action.name) ?? action.earliest,
      name: action.name,
      label: action.label,
      number: action.number,
      when: dateSpan(action),
      modelled: modelled.has(action.name),
    }))
    .filter(({ hour }) => hour >= 0 && hour < app.country.hours)
    .sort((a, b) => a.hour - b.hour);
}

/** The median hour of each decision by name of the action; null where most runs do not take it. */
function modelledHours(world, side) {
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
 * The days of an action in the sources: 4 to 5 January.
 * @param {{earliest: number, latest: number}} action
 * @returns {string}
 */
export function dateSpan({ earliest, latest }) {
  const [first, last] = [day(earliest), day(latest)];
  if (first === last) return first;
  const sameMonth = day(earliest, 'short').split(' ')[1] === day(latest, 'short').split(' ')[1];
  return t('common.span', { from: sameMonth ? day(earliest, 'number') : first, to: last });
}

/**
 * Actions of the state in the last hours.
 * @param {Object} app
 * @param {import('./state.js').State} state
 * @returns {StateAction[]} the latest first
 */
export function recentActions(app, state) {
  return stateActions(app, state)
    .filter(({ hour }) => hour <= state.hour && hour > state.hour - CAPTION_HOURS)
    .reverse();
}

/**
 * An action as a sentence, with the hour if the model gives it, otherwise with the day in the sources.
 * @param {StateAction} each
 * @returns {string}
 */
export function actionCaption(each) {
  const when = each.modelled
    ? t('map.when-model', { moment: t('common.moment', { day: day(each.hour, 'short'), time: time(each.hour) }) })
    : t('map.when-sources', { when: each.when });
  return t('map.caption', { label: each.label, when });
}

// Key moments

/** People in the street, in the whole country, from which protest has started. */
const PROTEST_STARTED = 100;
const DAY = 24;
/** Share of the largest crowd below which the streets count as empty again. */
const STREETS_EMPTY = 0.05;

/**
 * Key moments of the model's results, and actions of the state.
 * @param {Object} app
 * @returns {Array<{hour: number, when: string, text: string, kind: 'data'|'state'}>} by hour; `when` has
 *   no time of day where only the day is known
 */
export function keyMoments(app) {
  const actions = stateActions(app, app.getState()).map((each) => ({
    hour: each.hour,
    when: each.modelled ? shortDateTime(each.hour) : day(each.hour, 'short'),
    kind: 'state',
    text: actionCaption(each),
  }));
  return [...crowdMoments(app), ...violenceMoments(app), ...deathMoments(app), ...actions]
    .sort((a, b) => a.hour - b.hour);
}

function medianSeries(app, layer) {
  const loaded = app.frames.headline(layer);
  return loaded ? loaded.frames.series(MEDIAN, app.country.units.length - 1) : null;
}

function crowdMoments(app) {
  const series = medianSeries(app, 'crowd');
  if (!series) return [];
  const [peak, highest] = largest(series);
  const first = series.findIndex((value) => value >= PROTEST_STARTED);
  if (first < 0) return [];
  // Crowds go home every night: protest is over when they do not come back.
  const over = series.findLastIndex((value) => value >= STREETS_EMPTY * highest) + 1;
  return [
    dataMoment(first, 'story.moment.first', { value: num(series[first]) }),
    dataMoment(peak, 'story.moment.peak', { value: num(highest) }),
    ...(over < series.length ? [dataMoment(over, 'story.moment.over', { share: num(STREETS_EMPTY * 100) })] : []),
  ];
}

function violenceMoments(app) {
  const series = medianSeries(app, 'violence');
  if (!series) return [];
  const [hour, highest] = largest(series);
  return highest >= 1 ? [dataMoment(hour, 'story.moment.violence', { value: num(highest) })] : [];
}

/** The end of the day with the most deaths; the layer is a running total. */
function deathMoments(app) {
  const series = medianSeries(app, 'deaths');
  if (!series) return [];
  let [worst, highest] = [0, 0];
  for (let end = DAY - 1; end < series.length; end += DAY) {
    const deaths = series[end] - (end >= DAY ? series[end - DAY] : 0);
    if (deaths > highest) [worst, highest] = [end, deaths];
  }
  return highest >= 1 ? [dataMoment(worst, 'story.moment.deaths', { value: num(highest) })] : [];
}

/** Hour and value of the maximum. */
function largest(series) {
  return series.reduce((best, value, hour) => (value > best[1] ? [hour, value] : best), [0, 0]);
}

function dataMoment(hour, key, values) {
  return { hour, when: shortDateTime(hour), kind: 'data', text: t(key, values) };
}

function shortDateTime(hour) {
  return t('common.moment', { day: day(hour, 'short'), time: time(hour) });
}
