/**
 * Drawings of the years: waves, acts of the state, assemblies by monitor, stocks and drivers, one below the other.
 *
 * Moments are months since the first one of the payload of `/api/years`, with fractions.
 */
import { createAxes, ticks } from './charts.js';
import { h, svg } from './dom.js';
import { exact, formatAmount, t } from './texts.js';
import { colours } from './theme.js';

export const MONTHS = 12;

/** Room for names of lanes and numbers on the left of every drawing. */
const LEFT = 84;
const RIGHT = 12;
const TOP = 8;
const YEARS_HEIGHT = 18;
/** Height in pixels of a drawing. */
const HEIGHTS = { drivers: 62, stocks: 62, monitors: 74, waves: 128, lane: 15 };
/** Ratio of the largest value to the median from which on a scale is logarithmic. */
const SKEWED = 20;
const ANSWERS = ['concede', 'promise', 'repress', 'arrest', 'ignore'];
const VOTES = new Set(['presidential', 'parliamentary', 'referendum']);
const LANES = [...ANSWERS, 'votes', 'institutions'];
const LANE_COLOURS = { votes: 'orange', institutions: 'ink' };
const LANE_SHAPES = { votes: 'diamond', institutions: 'circle' };

/** The first and the last year of a payload of `/api/years`. */
export const firstYear = (found) => Number(found.first.slice(0, 4));
export const lastYear = (found) => firstYear(found) + Math.ceil(found.months / MONTHS) - 1;

/** The period of a published count. */
export function countPeriod({ period: [from, to] }) {
  return from === to ? from : t('common.span', { from, to });
}

/** A published count beside the range of the histories. */
export function countText({ value, alternative, low, middle, high }) {
  const values = { value: exact(value), middle: formatAmount(middle), low: formatAmount(low), high: formatAmount(high) };
  return alternative === null ? t('years.count', values) : t('years.count-two', { ...values, second: exact(alternative) });
}

/** A series with its unit, which the pack states. */
export function seriesName({ name, unit }) {
  return unit ? [t(`years.series.${name}`), '; ', h('span', { lang: 'en' }, unit)] : t(`years.series.${name}`);
}

/**
 * Draw all groups: waves, acts, assemblies, stocks and drivers.
 * @param {{chart: HTMLElement, found: Object, width: number}} view
 */
export function drawChart({ chart, found, width }) {
  const paint = colours();
  const frame = { found, width, paint, right: width - RIGHT };
  const rows = (group) => found.series.filter((series) => series.group === group)
    .map((series, k, all) => figure(frame, HEIGHTS[group], seriesName(series), t(`years.series.${series.name}`), k === all.length - 1, (box) => seriesMarks(box, series)));
  const monitors = found.monitors.map((monitor, k, all) => figure(frame, HEIGHTS.monitors,
    [h('span', { lang: 'en' }, `${monitor.label}: ${monitor.definition}`)], monitor.label, k === all.length - 1, (box) => monitorMarks(box, monitor)));
  const lanes = LANES.filter((lane) => found.acts.some((act) => laneOf(act) === lane));
  const group = (name, key, drawn) => (drawn.length ? [h('h3', null, t(`years.group.${name}`)), h('p', { class: 'aside' }, t(`years.note.${name}`)), key.length > 0 && h('p', { class: 'years-key' }, key), drawn] : []);
  const mark = (name, d, look) => h('span', null, svg('svg', { width: 18, height: 14, 'aria-hidden': 'true' }, svg('path', { d, fill: 'none', 'stroke-width': 2, ...look })), ' ', t(`years.key.${name}`));
  const free = () => mark('free', 'M1 7H17', { stroke: paint.blue });
  const fans = () => [free(), found.months > found.dated && mark('later', 'M1 7H17', { stroke: paint.green, 'stroke-dasharray': '5 2' })];
  const disc = (name, fill) => mark(name, circle(9, 7, 4), { fill, stroke: paint.ink, 'stroke-width': 1 });
  chart.replaceChildren(...[
    group('waves', [disc('waved', paint.ink), disc('nobody', paint.card), mark('unknown', cross(9, 7), { stroke: paint.muted }), mark('range', 'M9 1V13M5 8H13', { stroke: paint.blue }), mark('episode', 'M4 4H14L9 11Z', { fill: paint.vermilion, stroke: 'none' })],
      [figure(frame, HEIGHTS.waves, t('years.waves-of', { all: found.region_count }), t('years.group.waves'), true, waveMarks)]),
    group('acts', [], lanes.length ? [figure(frame, HEIGHTS.lane * lanes.length, '', t('years.group.acts'), true, (box) => actMarks(box, lanes))] : []),
    group('monitors', [disc('fit', paint.ink), disc('held', paint.card), disc('weak', paint.rule), mark('second', diamond(9, 7, 4), { fill: paint.card, stroke: paint.ink, 'stroke-width': 1 }), mark('range', 'M5 1V13H13V1M5 8H13', { stroke: paint.blue, 'stroke-width': 1.2 })], monitors),
    group('stocks', fans(), rows('stocks')),
    group('drivers', [...fans(), mark('data', circle(9, 7, 1.5), { fill: paint.ink })], rows('drivers')),
  ].flat(2).filter(Boolean));
}

/** One drawing with its caption, lines every five years, the end of the dated months, and the cursor. */
function figure({ found, width, paint, right }, height, caption, label, withYears, marks) {
  const bottom = TOP + height;
  const { x } = createAxes({ hours: found.months + 1, left: LEFT, right, top: TOP, bottom, max: 1 });
  const first = firstYear(found);
  const step = width > 640 ? 5 : 10;
  const years = [];
  for (let year = Math.ceil(first / step) * step; year <= lastYear(found); year += step) years.push(year);
  const at = (year) => x(MONTHS * (year - first));
  const total = bottom + (withYears ? YEARS_HEIGHT : 4);
  const dated = found.months > found.dated ? x(found.dated) : null;
  return h('figure', { class: 'years-figure' }, caption && h('figcaption', { class: 'aside' }, caption),
    svg('svg', { width, height: total, viewBox: `0 0 ${width} ${total}`, role: 'img', 'aria-label': label },
      years.map((year) => svg('path', { d: `M${at(year)} ${TOP}V${bottom}`, stroke: paint.rule, 'stroke-width': 0.8 })),
      withYears && years.map((year) => svg('text', { x: at(year), y: bottom + 14, 'font-size': 11, 'text-anchor': 'middle', fill: paint.muted }, String(year))),
      marks({ found, paint, x, top: TOP, bottom, left: LEFT, right }),
      dated !== null && svg('path', { d: `M${dated} ${TOP}V${bottom}`, stroke: paint.muted, 'stroke-dasharray': '4 3' }),
      svg('rect', { class: 'years-cursor', x: x(0), y: TOP - 4, width: Math.max(x(MONTHS) - x(0), 2), height: height + 8, fill: paint.orange, 'fill-opacity': 0.25 })));
}

/**
 * Mark a year in all drawings.
 * @param {{chart: HTMLElement, found: Object, width: number}} view
 * @param {number} year
 */
export function moveCursor({ chart, found, width }, year) {
  const shift = ((width - LEFT - RIGHT) * MONTHS * (year - firstYear(found))) / found.months;
  for (const cursor of chart.querySelectorAll('.years-cursor')) cursor.setAttribute('transform', `translate(${shift.toFixed(1)} 0)`);
}

/**
 * The year below a pointer.
 * @param {{chart: HTMLElement, found: Object, width: number}} view
 * @param {number} clientX
 * @returns {number|null}
 */
export function yearAt({ chart, found, width }, clientX) {
  const share = (clientX - chart.getBoundingClientRect().left - LEFT) / (width - LEFT - RIGHT);
  return share >= 0 && share < 1 ? firstYear(found) + Math.floor((share * found.months) / MONTHS) : null;
}

/** Positions of values, with lines at round ones; logarithmic above `bound` if it is not 0. */
function valueAxis({ top, bottom, left, right, paint }, values, bound) {
  const turn = (value) => (bound ? Math.sign(value) * Math.log10(1 + Math.abs(value) / bound) : value);
  const [least, most] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const min = bound ? Math.min(least, 0) : least;
  const { y } = createAxes({ hours: 2, left, right, top, bottom, min: turn(min), max: turn(most) });
  const powers = [0, ...Array.from({ length: 7 }, (_, k) => (bound || 1) * 10 ** (k + 1))];
  const marks = (bound ? powers : ticks(min, most, 2)).filter((value) => value >= min && value <= most);
  return {
    y: (value) => y(turn(value)),
    grid: marks.map((value) => [
      svg('path', { d: `M${left} ${y(turn(value))}H${right}`, stroke: paint.rule, 'stroke-width': 0.8 }),
      svg('text', { x: left - 6, y: y(turn(value)) + 4, 'font-size': 11, 'text-anchor': 'end', fill: paint.muted }, exact(value)),
    ]),
  };
}

function seriesMarks(box, { free, later, data }) {
  const shown = [free, later].filter(Boolean).flatMap(({ low, high }) => [...low, ...high]);
  const values = [...shown, ...data.map(([, value]) => value)].filter((value) => value !== null);
  const sizes = values.map(Math.abs).sort((a, b) => a - b);
  const middle = sizes[Math.floor(sizes.length / 2)];
  const skewed = middle > 0 && sizes[Math.floor(0.99 * sizes.length)] > SKEWED * middle;
  const { y, grid } = valueAxis(box, values, skewed ? 10 ** Math.ceil(Math.log10(middle)) : 0);
  const fan = (part, colour, dashes) => {
    const point = (value, k) => `${box.x(part.start + k + 0.5).toFixed(1)} ${y(value).toFixed(1)}`;
    return [
      svg('path', { d: `M${[...part.high.map(point), ...part.low.map(point).reverse()].join('L')}Z`, fill: colour, 'fill-opacity': 0.22 }),
      svg('path', { d: `M${part.middle.map(point).join('L')}`, fill: 'none', stroke: colour, 'stroke-width': 1.6, 'stroke-dasharray': dashes }),
    ];
  };
  const dots = data.filter(([at, value]) => value !== null && at < box.found.months).map(([at, value]) => circle(box.x(at), y(value), data.length < 60 ? 1.6 : 0.8));
  return [grid, fan(free, box.paint.blue, null), later && fan(later, box.paint.green, '5 2'), svg('path', { d: dots.join(''), fill: box.paint.ink })];
}

function monitorMarks(box, { counts }) {
  const { paint, x } = box;
  const values = counts.flatMap(({ low, high, value, alternative }) => [0, low, high, value, alternative ?? value]);
  const { y, grid } = valueAxis(box, values, 1);
  const fill = { fit: paint.ink, held: paint.card, weak: paint.rule };
  return [grid, counts.map((count) => {
    const [from, to] = [x(count.from), x(count.to)];
    const middle = (from + to) / 2;
    const weak = count.use === 'weak';
    const readings = [[count.alternative, diamond, paint.card], [count.value, circle, fill[count.use]]];
    return svg('g', null, svg('title', null, `${countPeriod(count)}: ${countText(count)}`),
      weak ? svg('path', { d: `M${middle} ${y(count.low)}V${y(count.high)}`, stroke: paint.blue, 'stroke-dasharray': '2 2' })
        : svg('rect', { x: from, y: y(count.high), width: Math.max(to - from - 1, 1), height: Math.max(y(count.low) - y(count.high), 1), fill: paint.blue, 'fill-opacity': 0.22 }),
      !weak && svg('path', { d: `M${from} ${y(count.middle)}H${Math.max(to - 1, from + 1)}`, stroke: paint.blue, 'stroke-width': 1.6 }),
      readings.filter(([value]) => value !== null).map(([value, shape, colour]) => svg('path', { d: shape(middle, y(value), 3.2), fill: colour, stroke: paint.ink })));
  })];
}

function waveMarks(box) {
  const { found, paint, x, top, bottom } = box;
  const { y, grid } = valueAxis(box, [-0.5, found.region_count + 2], 0);
  return [
    found.openings.map((each) => svg('rect', { x: x(each.from), y: top, width: x(each.to) - x(each.from), height: bottom - top, fill: paint.sky, 'fill-opacity': 0.2 }, svg('title', null, each.label))),
    grid,
    found.waves.map((wave) => {
      const at = x(wave.at);
      const seen = wave.observed === null ? cross(at - 1.5, y(0)) : circle(at - 1.5, y(wave.observed), wave.outcome === 'waved' ? 3.4 : 2.4);
      return svg('g', null, svg('title', null, `${wave.date}: ${wave.label}`),
        svg('path', { d: `M${at + 1.5} ${y(wave.low)}V${y(wave.high)}`, stroke: paint.blue, 'stroke-width': 2.4, 'stroke-opacity': 0.5 }),
        svg('path', { d: `M${at - 1.5} ${y(wave.middle)}h6`, stroke: paint.blue, 'stroke-width': 2 }),
        svg('path', { d: seen, fill: wave.outcome === 'waved' ? paint.ink : paint.card, stroke: wave.observed === null ? paint.muted : paint.ink }),
        wave.episode && svg('path', { d: `M${at - 5} ${top}h10l-5 7Z`, fill: paint.vermilion }));
    }),
  ];
}

function laneOf({ kind }) {
  if (ANSWERS.includes(kind)) return kind;
  return VOTES.has(kind) ? 'votes' : 'institutions';
}

function actMarks({ found, paint, x, top }, lanes) {
  const shapes = { circle, diamond, square };
  return lanes.map((lane, k) => {
    const y = top + HEIGHTS.lane * (k + 0.5);
    return [
      svg('text', { x: 0, y: y + 4, 'font-size': 11, fill: paint.ink }, t(`years.lane.${lane}`)),
      found.acts.filter((act) => laneOf(act) === lane).map((act) => svg('path', {
        d: shapes[LANE_SHAPES[lane] ?? 'square'](x(act.at), y, 3), fill: paint[LANE_COLOURS[lane] ?? 'blue'],
      }, svg('title', null, `${act.date}: ${act.label}`))),
    ];
  });
}

// Shapes as paths around a point

const circle = (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
const diamond = (x, y, r) => `M${x} ${y - r}l${r} ${r}l${-r} ${r}l${-r} ${-r}Z`;
const square = (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`;
const cross = (x, y) => `M${x - 3} ${y - 3}l6 6m0 -6l-6 6`;
