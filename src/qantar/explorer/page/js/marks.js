/**
 * Marks that lie over a fan chart: reports of sources, what the state does, figures published.
 */
import { svg } from './dom.js';
import { day, hourOfDay } from './clock.js';
import { happenings } from './captions.js';
import { t } from './texts.js';
import { sideOf } from './view.js';

const DAY = 24;
/** Where the chart begins and ends, in pixels from its top. */
export const TOP = 22;
export const BASE = 104;

/**
 * A bar from the lowest to the highest figure; open at the top where there is no highest.
 * @param {Object} mark as `marksOf` gives them
 * @param {import('./fans.js').Axes} axes
 * @param {Object} paint colours
 * @param {number} hours of the window
 * @returns {SVGElement}
 */
export function report(mark, axes, paint, hours) {
  const x = axes.x(Math.min(mark.hour, hours - 4));
  const late = mark.hour > hours - DAY / 2;
  const open = mark.high === null || mark.high > axes.most;
  const [top, bottom] = [axes.y(open ? axes.most : mark.high), axes.y(Math.min(mark.low, axes.most))];
  return svg('g', { 'data-target': mark.target, class: 'fan-mark' }, svg('title', null, mark.words), svg('path', {
    d: open
      ? `M${x} ${bottom}V${top}M${x - 4} ${bottom}h8M${x - 4} ${top + 5}l4 -5l4 5`
      : `M${x} ${bottom}V${top}M${x - 4} ${bottom}h8M${x - 4} ${top}h8`,
    stroke: paint.vermilion, 'stroke-width': 2, fill: 'none', 'stroke-dasharray': mark.other ? '3 2' : null,
  }), svg('text', {
    x: late ? x - 6 : x + 6, y: Math.max(top + 9, TOP + 4), 'text-anchor': late ? 'end' : 'start', 'font-size': 10.5, fill: paint.vermilion, stroke: paint.card,
    'stroke-width': 3, 'paint-order': 'stroke',
  }, mark.letters.join('')));
}

/**
 * Numbers of what the state does, at the hour at which it does it.
 * @param {Object} app
 * @param {import('./state.js').State} state
 * @param {import('./fans.js').Axes} axes
 * @param {Object} paint colours
 * @param {boolean} numbered whether there is room for numbers
 * @returns {SVGElement[]}
 */
export function flags(app, state, axes, paint, numbered) {
  let free = -Infinity;
  return happenings(app.country, app.world(), sideOf(state, app.world())).map((each) => {
    const x = Math.max(axes.x(each.hour), free);
    free = x + 15;
    return svg('g', null, svg('title', null, `${each.label} (${each.when})`),
      svg('path', { d: `M${axes.x(each.hour)} ${TOP - 5}V${BASE}`, stroke: paint.muted, 'stroke-width': 0.7, 'stroke-dasharray': '2 3' }),
      numbered ? [
        svg('rect', { x: x - 7, y: 2, width: 14, height: 14, rx: 7, fill: paint.ink }),
        svg('text', { x, y: 12.5, 'font-size': 9.5, 'text-anchor': 'middle', fill: paint.paper }, each.number),
      ] : null);
  });
}

/**
 * One mark per day, however much was published on it.
 * @param {Object} app
 * @param {import('./fans.js').Axes} axes
 * @param {Object} paint colours
 * @returns {SVGElement[]}
 */
export function publications(app, axes, paint) {
  const days = new Map();
  for (const each of app.timeline()?.publications ?? []) {
    const hour = typeof each.day === 'string' ? hourOfDay(each.day) : each.day * DAY;
    if (hour >= 0 && hour < app.country.hours) days.set(hour, [...(days.get(hour) ?? []), each]);
  }
  return [...days].map(([hour, all]) => svg('path', {
    'data-claim': all[0].claim, class: 'fan-mark',
    d: `M${axes.x(hour + 12) - 5} ${BASE + 1}l5 -8l5 8Z`, fill: paint.vermilion, stroke: paint.card,
  }, svg('title', null, t('timeline.published', { day: day(hour), label: all.map((each) => each.label).join('; ') }))));
}
