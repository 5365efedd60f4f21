/**
 * Moments to jump to, found in what the model gives and in what the state did.
 */
import { captionOf, happenings } from './captions.js';
import { day, time } from './clock.js';
import { sideOf } from './view.js';
import { num, t } from './texts.js';

/** People in the street in the whole country from which protest has begun. */
const BEGUN = 100;
const DAY = 24;
/** Share of the greatest crowd below which the streets count as empty again. */
const EMPTY = 0.05;

/**
 * @param {Object} app
 * @returns {Array<{hour: number, when: string, words: string, kind: 'data'|'state'}>} by hour; `when`
 *   names no time of day that only a jump needs
 */
export function keyMoments(app) {
  const [country, world] = [app.country, app.world()];
  const acts = happenings(country, world, sideOf(app.getState(), world)).map((each) => ({
    hour: each.hour,
    when: each.modelled ? atHour(each.hour) : day(each.hour, 'short'),
    kind: 'state',
    words: captionOf(each),
  }));
  return [...ofCrowd(app), ...ofViolence(app), ...ofDeaths(app), ...acts]
    .sort((a, b) => a.hour - b.hour);
}

function course(app, layer) {
  const held = app.view.told(layer);
  return held ? held.frames.series(2, app.country.units.length - 1) : null;
}

function ofCrowd(app) {
  const line = course(app, 'crowd');
  if (!line) return [];
  const [peak, most] = highest(line);
  const first = line.findIndex((value) => value >= BEGUN);
  if (first < 0) return [];
  // Crowds go home every night: what counts is when they do not come back.
  const over = line.findLastIndex((value) => value >= EMPTY * most) + 1;
  return [
    moment(first, 'story.moment.first', { value: num(line[first]) }),
    moment(peak, 'story.moment.peak', { value: num(most) }),
    ...(over < line.length ? [moment(over, 'story.moment.over', { share: num(EMPTY * 100) })] : []),
  ];
}

function ofViolence(app) {
  const line = course(app, 'violence');
  if (!line) return [];
  const [hour, most] = highest(line);
  return most >= 1 ? [moment(hour, 'story.moment.violence', { value: num(most) })] : [];
}

/** The day with the most deaths, at its end: the figure is a total. */
function ofDeaths(app) {
  const line = course(app, 'deaths');
  if (!line) return [];
  let [worst, most] = [0, 0];
  for (let end = DAY - 1; end < line.length; end += DAY) {
    const gone = line[end] - (end >= DAY ? line[end - DAY] : 0);
    if (gone > most) [worst, most] = [end, gone];
  }
  return most >= 1 ? [moment(worst, 'story.moment.deaths', { value: num(most) })] : [];
}

function highest(line) {
  return line.reduce((best, value, hour) => (value > best[1] ? [hour, value] : best), [0, 0]);
}

function moment(hour, key, values) {
  return { hour, when: atHour(hour), kind: 'data', words: t(key, values) };
}

function atHour(hour) {
  return t('common.moment', { day: day(hour, 'short'), time: time(hour) });
}
