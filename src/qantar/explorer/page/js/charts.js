/**
 * Parts of charts over time: axes, fan charts, and marks for what sources report and the state did.
 */
import { svg } from './dom.js';
import { stateActions } from './events.js';
import { MEDIAN } from './frames.js';
import { isShare } from './layers.js';
import { day, exact, has, hourOfDay, percent, t } from './texts.js';
import { colours } from './theme.js';

const DAY = 24;

/**
 * Positions in pixels of hours and values, and the range of values.
 * @typedef {{x: (hour: number) => number, y: (value: number) => number, min: number, max: number}} Axes
 */

/**
 * @param {{hours: number, left: number, right: number, top: number, bottom: number,
 *   min?: number, max: number}} box in pixels; `min` and `max` are values
 * @returns {Axes}
 */
export function createAxes({ hours, left, right, top, bottom, min = 0, max }) {
  const range = max - min || 1;
  return {
    x: (hour) => left + ((right - left) * hour) / (hours - 1),
    y: (value) => bottom - ((bottom - top) * (value - min)) / range,
    min,
    max,
  };
}

/**
 * Fan chart of a unit: two bands of quantiles and the median.
 * @param {import('./frames.js').Frames} frames
 * @param {number} unit
 * @param {Axes} axes
 * @param {Object} colours
 * @param {{every?: number}} [options] hours from one drawn point to the next
 * @returns {SVGElement[]}
 */
export function fanChart(frames, unit, axes, colours, { every = 1 } = {}) {
  const last = frames.quantiles - 1;
  return [
    bandPath(frames, unit, axes, 0, last, colours.band, every),
    bandPath(frames, unit, axes, 1, last - 1, colours['band-core'], every),
    seriesLine(frames, MEDIAN, unit, axes, { stroke: colours.blue, 'stroke-width': 1.8, every }),
  ];
}

/**
 * A line of one quantile by hour.
 * @param {import('./frames.js').Frames} frames
 * @param {number} quantile
 * @param {number} unit
 * @param {Axes} axes
 * @param {Object} look attributes of the line; `every` as in `fanChart`
 * @returns {SVGElement}
 */
function seriesLine(frames, quantile, unit, axes, { every = 1, ...look }) {
  return svg('path', {
    d: `M${seriesPoints(frames, quantile, unit, axes, every).join('L')}`,
    fill: 'none', 'stroke-linejoin': 'round', ...look,
  });
}

/**
 * The range of all values that a chart draws, and zero.
 * @param {Array<[import('./frames.js').Frames, number[]]>} drawn frames with the quantiles drawn
 * @param {number} unit
 * @returns {{min: number, max: number}}
 */
export function valueExtent(drawn, unit) {
  let [min, max] = [0, 0];
  for (const [frames, quantiles] of drawn) {
    for (const quantile of quantiles) {
      for (let hour = 0; hour < frames.hours; hour += 1) {
        const value = frames.at(quantile, hour, unit);
        if (value > max) max = value;
        if (value < min) min = value;
      }
    }
  }
  return { min, max };
}

/**
 * Round numbers between two values, at least one of them not zero.
 * @param {number} min
 * @param {number} max
 * @param {number} [count] about how many
 * @returns {number[]}
 */
export function ticks(min, max, count = 3) {
  const range = max - min;
  if (range <= 0) return [0];
  const roughStep = range / count;
  const magnitude = 10 ** Math.floor(Math.log10(roughStep));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * magnitude).find((each) => each >= roughStep);
  const found = [];
  for (let at = Math.ceil(min / step) * step; at <= max + step * 1e-9; at += step) found.push(at || 0); // 0 instead of -0
  return found.some((each) => each !== 0) || count >= 12 ? found : ticks(min, max, count + 1);
}

function bandPath(frames, unit, axes, low, high, fill, every) {
  const upper = seriesPoints(frames, high, unit, axes, every);
  const lower = seriesPoints(frames, low, unit, axes, every).reverse();
  return svg('path', { d: `M${upper.concat(lower).join('L')}Z`, fill, stroke: 'none' });
}

function seriesPoints(frames, quantile, unit, axes, every) {
  const found = [];
  for (let hour = 0; hour < frames.hours; hour += every) {
    const value = Math.min(Math.max(frames.at(quantile, hour, unit), axes.min), axes.max);
    found.push(`${axes.x(hour).toFixed(1)} ${axes.y(value).toFixed(1)}`);
  }
  return found;
}

// Reports of sources

/** Variables in sources to compare a layer with; true for those that only come close to it. */
const REPORT_VARIABLES = {
  crowd: { crowd_peak: false, participants: true },
  deaths: { deaths: false },
  detained: { detained_cumulative: false, detained_published: true },
};

/**
 * What sources report on a layer in a unit.
 * @param {Object|null} timeline payload of `/api/timeline`
 * @param {string} layer
 * @param {{kind: string, label: string}} unit
 * @returns {Array<{hour: number, low: number, high: number|null, indirect: boolean,
 *   letters: string[], text: string, target: string}>} `high` is null where a source names only a minimum
 */
function reportsFor(timeline, layer, unit) {
  const variables = REPORT_VARIABLES[layer];
  if (!timeline || !variables) return [];
  return timeline.reports
    .filter((each) => each.variable in variables && each.level === unit.kind && each.name === unit.label)
    .map((each) => toReport(each, variables[each.variable]));
}

function toReport(each, indirect) {
  const whole = each.whole ?? (each.day === null || each.day === undefined);
  const start = typeof each.day === 'string' ? hourOfDay(each.day) : each.day * DAY;
  const values = {
    what: has(`timeline.what.${each.variable}`) ? t(`timeline.what.${each.variable}`) : each.variable,
    letters: each.letters.join(', '),
    value: each.high === null
      ? t('timeline.at-least', { low: exact(each.low) })
      : each.low === each.high ? exact(each.low) : t('common.span', { from: exact(each.low), to: exact(each.high) }),
    day: whole ? t('timeline.whole') : day(start),
  };
  return {
    hour: whole ? Infinity : start + (indirect ? 16 : 12),
    low: each.low,
    high: each.high,
    indirect,
    letters: each.letters,
    target: each.target,
    text: t('timeline.report', values),
  };
}

// Marks on a chart

/** Top and bottom of the timeline's chart, in pixels from the top of its drawing. */
export const CHART_TOP = 22;
export const CHART_BOTTOM = 104;

/**
 * A bar from the lowest to the highest number of a report; with an arrow where there is no highest.
 * @param {Object} report of `reportsFor`
 * @param {Axes} axes
 * @param {Object} paint colours
 * @param {number} hours of the window
 * @returns {SVGElement}
 */
function reportMark(report, axes, paint, hours) {
  const x = axes.x(Math.min(report.hour, hours - 4));
  const nearEnd = report.hour > hours - DAY / 2;
  const openEnded = report.high === null || report.high > axes.max;
  const [top, bottom] = [axes.y(openEnded ? axes.max : report.high), axes.y(Math.min(report.low, axes.max))];
  return svg('g', { 'data-target': report.target, class: 'fan-mark' }, svg('title', null, report.text), svg('path', {
    d: openEnded
      ? `M${x} ${bottom}V${top}M${x - 4} ${bottom}h8M${x - 4} ${top + 5}l4 -5l4 5`
      : `M${x} ${bottom}V${top}M${x - 4} ${bottom}h8M${x - 4} ${top}h8`,
    stroke: paint.vermilion, 'stroke-width': 2, fill: 'none', 'stroke-dasharray': report.indirect ? '3 2' : null,
  }), svg('text', {
    x: nearEnd ? x - 6 : x + 6, y: Math.max(top + 9, CHART_TOP + 4), 'text-anchor': nearEnd ? 'end' : 'start', 'font-size': 10.5, fill: paint.vermilion, stroke: paint.card,
    'stroke-width': 3, 'paint-order': 'stroke',
  }, report.letters.join('')));
}

/**
 * Numbered flags for actions of the state, each at its hour.
 * @param {Object} app
 * @param {import('./state.js').State} state
 * @param {Axes} axes
 * @param {Object} paint colours
 * @param {boolean} numbered whether numbers are drawn
 * @returns {SVGElement[]}
 */
export function actionFlags(app, state, axes, paint, numbered) {
  let nextFree = -Infinity;
  return stateActions(app, state).map((each) => {
    const x = Math.max(axes.x(each.hour), nextFree);
    nextFree = x + 15;
    return svg('g', null, svg('title', null, `${each.label} (${each.when})`),
      svg('path', { d: `M${axes.x(each.hour)} ${CHART_TOP - 5}V${CHART_BOTTOM}`, stroke: paint.muted, 'stroke-width': 0.7, 'stroke-dasharray': '2 3' }),
      numbered ? [
        svg('rect', { x: x - 7, y: 2, width: 14, height: 14, rx: 7, fill: paint.ink }),
        svg('text', { x, y: 12.5, 'font-size': 9.5, 'text-anchor': 'middle', fill: paint.paper }, each.number),
      ] : null);
  });
}

/**
 * One mark for each day on which something was published.
 * @param {Object} app
 * @param {Axes} axes
 * @param {Object} paint colours
 * @returns {SVGElement[]}
 */
export function publicationMarks(app, axes, paint) {
  const days = new Map();
  for (const each of app.timeline()?.publications ?? []) {
    const hour = typeof each.day === 'string' ? hourOfDay(each.day) : each.day * DAY;
    if (hour >= 0 && hour < app.country.hours) days.set(hour, [...(days.get(hour) ?? []), each]);
  }
  return [...days].map(([hour, all]) => svg('path', {
    'data-claim': all[0].claim, class: 'fan-mark',
    d: `M${axes.x(hour + 12) - 5} ${CHART_BOTTOM + 1}l5 -8l5 8Z`, fill: paint.vermilion, stroke: paint.card,
  }, svg('title', null, t('timeline.published', { day: day(hour), label: all.map((each) => each.label).join('; ') }))));
}

// The timeline

/** Room above the largest value, as a factor. */
const HEADROOM = 1.06;
/** How far a report may extend the axis, relative to the largest value of the model. */
const MAX_REPORT = 3;
/** Width of a day in pixels below which only its number is written. */
const MIN_DAY_WIDTH = 44;

/**
 * The layer of the state over time: grid, fan chart, lines of a single member and of the comparison, and
 * reports of sources. The timeline of the page and the downloaded figure are both drawn with it.
 * @param {Object} app
 * @param {{left: number, right: number, top: number, bottom: number}} box in pixels
 * @param {{tickCount: number, fontSize: number, zeroWidth: number, dayOffset: number, compact: boolean}} style
 *   about how many ticks; size of their text; width of the line at zero; distance of the days below the
 *   chart; whether large numbers are shortened
 * @returns {{axes: Axes, grid: SVGElement, series: Array, reports: SVGElement[]}}
 */
export function timelineChart(app, box, style) {
  const state = app.getState();
  const paint = colours();
  const { hours } = app.country;
  const unit = app.unitIndex(state.unit);
  const loaded = app.frames.loaded(state.layer);
  const member = app.frames.member(state.layer);
  const comparison = loaded && app.frames.comparison();
  const reports = !loaded || loaded.side === 'difference' ? [] : reportsFor(app.timeline(), state.layer, app.unit(state.unit));
  const range = valueExtent(loaded ? [
    [loaded.frames, [0, loaded.frames.quantiles - 1]],
    ...(member ? [[member.frames, [0]]] : []),
    ...(comparison ? [[comparison.frames, [MEDIAN]]] : []),
  ] : [], unit);
  const max = Math.max(range.max, ...reports.map((report) => Math.min(report.high ?? report.low, MAX_REPORT * range.max)), 0);
  const axes = createAxes({ hours, ...box, min: HEADROOM * range.min, max: HEADROOM * max || 1 });
  return {
    axes,
    grid: timeGrid(axes, hours, loaded ? state.layer : null, paint, box, style),
    series: [
      loaded && fanChart(loaded.frames, unit, axes, paint),
      comparison && seriesLine(comparison.frames, MEDIAN, unit, axes, {
        stroke: paint.comparison, 'stroke-width': 2, 'stroke-dasharray': '5 3',
      }),
      member && seriesLine(member.frames, 0, unit, axes, { stroke: paint.ink, 'stroke-width': 1.1 }),
    ],
    reports: reports.map((report) => reportMark(report, axes, paint, hours)),
  };
}

/** Lines at round values and marks of days; without a layer only the line at zero. */
function timeGrid(axes, hours, layer, paint, { left, right, bottom }, style) {
  const days = Array.from({ length: Math.floor(hours / DAY) }, (_, k) => k);
  const form = (right - left) / days.length > MIN_DAY_WIDTH ? 'short' : 'number';
  const text = { fill: paint.muted, 'font-size': style.fontSize };
  return svg('g', null,
    (layer ? ticks(axes.min, axes.max, style.tickCount) : [0]).map((value) => [
      svg('path', { d: `M${left} ${axes.y(value)}H${right}`, stroke: paint.rule, 'stroke-width': value ? 0.8 : style.zeroWidth }),
      svg('text', { ...text, x: left - 6, y: axes.y(value) + 4, 'text-anchor': 'end' },
        layer ? tickText(layer, value, style.compact) : ''),
    ]),
    days.map((k) => [
      svg('path', { d: `M${axes.x(k * DAY)} ${bottom}v5`, stroke: paint.muted }),
      svg('text', { ...text, x: axes.x(k * DAY + DAY / 2), y: bottom + style.dayOffset, 'text-anchor': 'middle' }, day(k * DAY, form)),
    ]));
}

function tickText(layer, value, compact) {
  if (isShare(layer)) return value < 0 ? `−${percent(-value)}` : percent(value);
  return compact && Math.abs(value) >= 10_000 ? t('common.thousand', { value: value / 1000 }) : exact(value);
}
