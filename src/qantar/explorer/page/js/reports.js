/**
 * What sources report, as marks on a chart.
 */
import { day, hourOfDay } from './clock.js';
import { exact, has, t } from './texts.js';

const DAY = 24;

/** Variables that a layer can be held against; the second of a pair is something close to it. */
const ABOUT = {
  crowd: { crowd_peak: false, participants: true },
  deaths: { deaths: false },
  detained: { detained_cumulative: false, detained_published: true },
};

/**
 * @param {Object|null} timeline payload of the server
 * @param {string} layer
 * @param {{kind: string, label: string}} unit
 * @returns {Array<{hour: number, low: number, high: number|null, other: boolean,
 *   letters: string[], words: string, target: string}>}
 */
export function marksOf(timeline, layer, unit) {
  const about = ABOUT[layer];
  if (!timeline || !about) return [];
  return timeline.reports
    .filter((each) => each.variable in about && each.level === unit.kind && each.name === unit.label)
    .map((each) => mark(each, about[each.variable]));
}

function mark(each, other) {
  const whole = each.whole ?? (each.day === null || each.day === undefined);
  const start = typeof each.day === 'string' ? hourOfDay(each.day) : each.day * DAY;
  const words = {
    what: has(`timeline.what.${each.variable}`) ? t(`timeline.what.${each.variable}`) : each.variable,
    letters: each.letters.join(', '),
    value: each.high === null
      ? t('timeline.at-least', { low: exact(each.low) })
      : each.low === each.high ? exact(each.low) : t('common.span', { from: exact(each.low), to: exact(each.high) }),
    day: whole ? t('timeline.whole') : day(start),
  };
  return {
    hour: whole ? Infinity : start + (other ? 16 : 12),
    low: each.low,
    high: each.high,
    other,
    letters: each.letters,
    target: each.target,
    words: t('timeline.report', words),
  };
}
