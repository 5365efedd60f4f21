/**
 * Below the map: what the state did row by row, and every region's course.
 */
import { h, svg } from './dom.js';
import { day } from './clock.js';
import { spanOf } from './captions.js';
import { axesOf, extent, fan } from './fans.js';
import { farthest } from './frames.js';
import { inWords, layerName } from './layers.js';
import { colours, onTheme } from './theme.js';
import { t } from './texts.js';

const DAY = 24;
const ROW = 24;
const SPARK = { width: 200, height: 52 };

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mountDetail(root, app) {
  const rows = h('div', { class: 'action-rows' });
  const grid = h('ul', { class: 'sparks' });
  const sparkTitle = h('h2', null);
  root.append(
    h('div', { class: 'detail-part' }, h('h2', null, t('timeline.actions')),
      h('p', { class: 'lead' }, t('timeline.actions-lead')), rows),
    h('div', { class: 'detail-part' }, sparkTitle, h('p', { class: 'lead' }, t('timeline.regions-lead')), grid));
  const sparks = regionSparks(grid, app);
  let width = 0;
  let due = 0;
  const redraw = () => {
    if (due) return;
    // Not needed for the first look: wait until the browser has nothing better to do.
    due = later(() => {
      due = 0;
      sparkTitle.textContent = t('timeline.regions', { layer: layerName(app.getState().layer) });
      drawRows(rows, app, width);
      sparks.forEach((spark) => drawSpark(spark, app));
    });
  };
  new ResizeObserver(([entry]) => {
    if (Math.abs(entry.contentRect.width - width) < 1) return;
    width = entry.contentRect.width;
    redraw();
  }).observe(rows);
  app.view.subscribe(redraw);
  app.onWorld(redraw);
  onTheme(redraw);
  app.subscribe((state, changed) => {
    if (changed.has('unit')) sparks.forEach(({ unit, button }) => button.setAttribute('aria-pressed', String(state.unit === unit.id)));
    if (changed.has('layer')) redraw();
  });
}

const later = (act) => (globalThis.requestIdleCallback
  ? requestIdleCallback(act, { timeout: 400 })
  : setTimeout(act, 60));

function regionSparks(grid, app) {
  return app.country.units.filter((unit) => unit.kind === 'region').map((unit) => {
    const chart = h('span', { class: 'spark-chart', 'aria-hidden': 'true' });
    const peak = h('span', { class: 'spark-peak' });
    const button = h('button', {
      type: 'button', class: 'spark', 'aria-pressed': String(app.getState().unit === unit.id),
      onclick: () => app.select({ unit: app.getState().unit === unit.id ? null : unit.id }),
    }, h('span', { class: 'spark-name' }, unit.label), chart, peak);
    grid.append(h('li', null, button));
    return { unit, number: app.unitNumber(unit.id), chart, peak, button };
  });
}

function drawSpark({ number, chart, peak }, app) {
  const { layer } = app.getState();
  const held = app.view.held(layer);
  if (!held) return;
  const { frames } = held;
  const range = extent([[frames, [0, frames.parts - 1]]], number);
  const axes = axesOf({
    hours: frames.hours, left: 0, right: SPARK.width, top: 2, bottom: SPARK.height - 2,
    least: range.least, most: range.most || 1,
  });
  const paint = colours();
  chart.replaceChildren(svg('svg', { viewBox: `0 0 ${SPARK.width} ${SPARK.height}`, preserveAspectRatio: 'none' },
    svg('path', { d: `M0 ${axes.y(0)}H${SPARK.width}`, stroke: paint.rule }),
    fan(frames, number, axes, paint, { every: 3 })));
  const [at, value] = farthest(frames, number);
  const apart = held.side === 'difference';
  peak.textContent = value
    ? t(apart ? 'timeline.peak-difference' : 'timeline.peak', { value: inWords(layer, value, apart), day: day(at, 'short') })
    : t(apart ? 'timeline.nothing-differs' : 'timeline.nothing');
}

function drawRows(root, app, width) {
  if (!width) return;
  const { actions, hours } = app.country;
  const paint = colours();
  const names = Math.min(Math.max(width * 0.3, 0), 300);
  const wide = width >= 640;
  const left = wide ? names : 26;
  const axes = axesOf({ hours, left, right: width - 8, top: 0, bottom: 1, most: 1 });
  const step = wide ? ROW : ROW * 1.7;
  const decided = new Map((app.world()?.decisions ?? []).map((each) => [each.action, each]));
  root.replaceChildren(svg('svg', {
    width, height: actions.length * step + 26, role: 'img', 'aria-label': t('timeline.actions-label'),
  }, days(axes, hours, actions.length * step, width - left, paint),
  actions.map((action, k) => row(action, decided.get(action.name), k * step, { axes, wide, left, paint, hours }))),
  h('ol', { class: 'unseen' }, actions.map((action) => h('li', null, inFull(action, decided.get(action.name))))));
}

function inFull(action, decision) {
  const sources = t('timeline.action', { label: action.label, when: spanOf(action) });
  if (!decision) return t('timeline.action-undecided', { sources });
  if (decision.q50 === null) return t('timeline.action-never', { sources });
  return t('timeline.action-model', { sources, day: day(decision.q50) });
}

function days(axes, hours, height, room, paint) {
  const count = hours / DAY;
  return Array.from({ length: count }, (_, k) => [
    svg('path', { d: `M${axes.x(k * DAY)} 0V${height}`, stroke: paint.rule, 'stroke-width': 0.8 }),
    svg('text', { x: axes.x(k * DAY + 12), y: height + 18, 'font-size': 11.5, 'text-anchor': 'middle', fill: paint.muted },
      day(k * DAY, room / count > 44 ? 'short' : 'number')),
  ]);
}

function row(action, decision, top, { axes, wide, left, paint, hours }) {
  const middle = top + (wide ? ROW / 2 : ROW * 1.2);
  const [first, last] = [axes.x(action.earliest), axes.x(Math.min(action.latest + 1, hours - 1))];
  const end = action.end === null ? null : axes.x(Math.min(action.end, hours - 1));
  const words = `${action.number}\u2002${action.label}`;
  return svg('g', null, svg('title', null, inFull(action, decision)),
    svg('rect', { x: 0, y: top, width: axes.x(hours - 1), height: wide ? ROW : ROW * 1.7, fill: 'none', 'pointer-events': 'all' }),
    svg('text', {
      x: wide ? left - 12 : 2, y: wide ? middle + 4 : top + 14, 'font-size': 12.5, fill: paint.ink,
      'text-anchor': wide ? 'end' : 'start',
    }, words),
    end !== null && end > last ? svg('rect', { x: last, y: middle - 2, width: end - last, height: 4, fill: paint.band }) : null,
    svg('rect', { x: first, y: middle - 5, width: Math.max(last - first, 3), height: 10, rx: 1.5, fill: paint.muted }),
    decision && decision.q50 !== null ? modelled(decision, axes, middle, paint) : null);
}

function modelled({ q05, q50, q95 }, axes, middle, paint) {
  const [low, at, high] = [q05, q50, q95].map((hour) => axes.x(hour));
  return svg('g', null,
    svg('path', { d: `M${low} ${middle}H${high}`, stroke: paint.orange, 'stroke-width': 2 }),
    svg('path', { d: `M${at} ${middle - 9}V${middle + 9}`, stroke: paint.card, 'stroke-width': 5 }),
    svg('path', { d: `M${at} ${middle - 9}V${middle + 9}`, stroke: paint.orange, 'stroke-width': 3 }));
}
