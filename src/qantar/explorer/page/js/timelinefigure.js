/**
 * The timeline drawn anew for a file: as wide as on the page, but high enough to be read.
 */
import { day } from './clock.js';
import { svg } from './dom.js';
import { axesOf, extent, fan, line, ticks } from './fans.js';
import { scaleOf } from './layers.js';
import { marksOf } from './reports.js';
import { report } from './marks.js';
import { getState } from './state.js';
import { exact, percent } from './texts.js';
import { colours } from './theme.js';

const DAY = 24;
const WIDE = 920;
const HIGH = 380;
const [LEFT, RIGHT, TOP, BASE] = [64, WIDE - 14, 16, HIGH - 28];
/** Days that would crowd each other are written as mere numbers. */
const ROOM = 44;
/** How far above the range the bar of a report may reach. */
const REACH = 3;
const AIR = 1.06;
const TICKS = 5;
const MIDDLE = 2;
const LETTERS = 12;

/**
 * @param {Object} app
 * @returns {SVGElement|null} null while there is nothing to draw
 */
export function timelineFigure(app) {
  const state = getState();
  const held = app.view.held(state.layer);
  if (!held) return null;
  const paint = colours();
  const unit = app.unitNumber(state.unit);
  const marks = held.side === 'difference' ? [] : marksOf(app.timeline(), state.layer, app.unit(state.unit));
  const [single, second] = [app.view.single(state.layer), app.view.second()];
  const axes = axesFor(app, unit, [
    [held.frames, [0, held.frames.parts - 1]],
    ...(single ? [[single.frames, [0]]] : []),
    ...(second ? [[second.frames, [MIDDLE]]] : []),
  ], marks);
  return svg('svg', { viewBox: `0 0 ${WIDE} ${HIGH}` },
    ground(app, axes, paint, state.layer),
    fan(held.frames, unit, axes, paint),
    second && line(second.frames, MIDDLE, unit, axes, { stroke: paint.second, 'stroke-width': 2, 'stroke-dasharray': '5 3' }),
    single && line(single.frames, 0, unit, axes, { stroke: paint.ink, 'stroke-width': 1.1 }),
    marks.map((mark) => report(mark, axes, paint, app.country.hours)));
}

function axesFor(app, unit, shown, marks) {
  const range = extent(shown, unit);
  const most = Math.max(range.most, ...marks.map((mark) => Math.min(mark.high ?? mark.low, REACH * range.most)), 0);
  const { hours } = app.country;
  return axesOf({ hours, left: LEFT, right: RIGHT, top: TOP, bottom: BASE, least: AIR * range.least, most: AIR * most || 1 });
}

function ground(app, axes, paint, layer) {
  const days = Array.from({ length: Math.floor(app.country.hours / DAY) }, (_, k) => k);
  const form = (RIGHT - LEFT) / days.length > ROOM ? 'short' : 'number';
  const text = { fill: paint.muted, 'font-size': LETTERS };
  const said = (value) => (scaleOf(layer).share ? `${value < 0 ? '−' : ''}${percent(Math.abs(value))}` : exact(value));
  return svg('g', null,
    ticks(axes.least, axes.most, TICKS).map((value) => [
      svg('path', { d: `M${LEFT} ${axes.y(value)}H${RIGHT}`, stroke: paint.rule, 'stroke-width': value ? 0.8 : 1.4 }),
      svg('text', { ...text, x: LEFT - 6, y: axes.y(value) + 4, 'text-anchor': 'end' }, said(value)),
    ]),
    days.map((k) => [
      svg('path', { d: `M${axes.x(k * DAY)} ${BASE}v5`, stroke: paint.muted }),
      svg('text', { ...text, x: axes.x(k * DAY + DAY / 2), y: BASE + 18, 'text-anchor': 'middle' }, day(k * DAY, form)),
    ]));
}
