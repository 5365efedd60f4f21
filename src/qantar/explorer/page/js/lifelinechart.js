/**
 * Drawings of lifelines: bars of the time during which the status of a unit did not change, and a mark for every
 * dated event.
 */
import { h, svg } from './dom.js';
import { colours } from './theme.js';

/** Colours of statuses in the order in which a part declares them; others are muted. */
const STATUS_COLOURS = ['sky', 'blue', 'orange', 'vermilion', 'green', 'comparison', 'land'];
const HEIGHT = 16;
const BAR = 10;
const MARK = 3.5;
/** Pixels between two numbers of years. */
const ROOM = 44;
const STEPS = [1, 2, 5, 10, 20];

function colourOf({ statuses }, status) {
  const at = statuses.findIndex((each) => each.status === status);
  return colours()[STATUS_COLOURS[at] ?? 'muted'];
}

const diamond = (x, y) => `M${x} ${y - MARK}l${MARK} ${MARK}l${-MARK} ${MARK}l${-MARK} ${-MARK}Z`;

/**
 * The colour of a status, for the key.
 * @param {Object} part of the payload of `/api/state`
 * @param {string} status
 * @returns {SVGElement}
 */
export function swatch(part, status) {
  return svg('svg', { width: 18, height: 12, 'aria-hidden': 'true' },
    svg('rect', { y: 1, width: 18, height: BAR, fill: colourOf(part, status), stroke: colours().muted, 'stroke-width': 0.5 }));
}

/** The mark of a dated event, for the key. */
export function eventMark() {
  return svg('svg', { width: 18, height: 12, 'aria-hidden': 'true' }, svg('path', { d: diamond(9, 6), fill: colours().ink }));
}

/** Room for the numbers of the years above the rows. */
export function yearsAxis(view) {
  const drawing = h('span', { class: 'lives-drawing', 'aria-hidden': 'true' });
  const node = h('div', { class: 'lives-row lives-years' }, h('span'), drawing);
  view.rows.push({ drawing, axis: true });
  return node;
}

/**
 * Draw every row of a view at its width, once it has one.
 * @param {{found: Object, width: number, rows: Object[]}} view
 */
export function drawRows({ found, width, rows }) {
  if (!width || !rows.length) return;
  const room = rows[0].drawing.getBoundingClientRect().width || width / 2;
  const x = scale(found, room);
  const years = shownYears(found, room);
  for (const row of rows) row.drawing.replaceChildren(row.axis ? axis(years, x, room) : bars(row, years, x, room));
}

/** @returns {(year: number) => number} the place of a year in pixels */
export function scale({ first, end }, width) {
  return (year) => Number((((year - first) / (end - first || 1)) * width).toFixed(1));
}

/** Round years with enough room between them. */
export function shownYears({ first, end }, width) {
  const fits = (step) => (width * step) / (end - first || 1) >= ROOM;
  const step = STEPS.find(fits) ?? STEPS.at(-1);
  const years = [];
  for (let year = Math.ceil(first / step) * step; year <= end; year += step) years.push(year);
  return years;
}

const frame = (width, ...children) => svg('svg', { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}` }, children);

function axis(years, x, width) {
  const anchor = (at) => (at < ROOM / 2 ? 'start' : at > width - ROOM / 2 ? 'end' : 'middle');
  return frame(width, years.map((year) => svg('text', { x: x(year), y: 12, 'font-size': 11, 'text-anchor': anchor(x(year)), fill: colours().muted }, String(year))));
}

function bars({ part, line }, years, x, width) {
  const paint = colours();
  const top = (HEIGHT - BAR) / 2;
  return frame(width,
    years.map((year) => svg('path', { d: `M${x(year)} 0V${HEIGHT}`, stroke: paint.rule, 'stroke-width': 0.8 })),
    line.stretches.map(({ years: [from, to], status }) => svg('rect', {
      x: x(from), y: top, width: Math.max(x(to) - x(from), 1.5), height: BAR, fill: colourOf(part, status), stroke: paint.card, 'stroke-width': 1,
    })),
    line.moments.map(({ year }) => svg('path', { d: diamond(x(year), HEIGHT / 2), fill: paint.ink, stroke: paint.card, 'stroke-width': 0.8 })));
}
