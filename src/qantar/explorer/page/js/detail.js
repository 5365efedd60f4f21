/**
 * Below the map: actions of the state row by row, and a small chart for each region.
 */
import { createAxes, fanChart, valueExtent } from './charts.js';
import { h, svg } from './dom.js';
import { dateSpan } from './events.js';
import { peakOf } from './frames.js';
import { formatValue, layerName } from './layers.js';
import { day, t } from './texts.js';
import { colours, onTheme } from './theme.js';

const DAY = 24;
const ROW_HEIGHT = 24;
const SPARK_SIZE = { width: 200, height: 52 };

/**
 * Mount the section below the map.
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
  let scheduled = 0;
  const redraw = () => {
    if (scheduled) return;
    // Not visible at first: draw when the browser is idle.
    scheduled = whenIdle(() => {
      scheduled = 0;
      sparkTitle.textContent = t('timeline.regions', { layer: layerName(app.getState().layer) });
      drawActionRows(rows, app, width);
      sparks.forEach((spark) => drawSpark(spark, app));
    });
  };
  new ResizeObserver(([entry]) => {
    if (Math.abs(entry.contentRect.width - width) < 1) return;
    width = entry.contentRect.width;
    redraw();
  }).observe(rows);
  app.frames.subscribe(redraw);
  app.onWorld(redraw);
  onTheme(redraw);
  app.subscribe((state, changed) => {
    if (changed.has('unit')) sparks.forEach(({ unit, button }) => button.setAttribute('aria-pressed', String(state.unit === unit.id)));
    if (changed.has('layer')) redraw();
  });
}

/** Call a function when the browser is idle. */
const whenIdle = (act) => (globalThis.requestIdleCallback
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
    return { unit, number: app.unitIndex(unit.id), chart, peak, button };
  });
}

function drawSpark({ number, chart, peak }, app) {
  const { layer } = app.getState();
  const loaded = app.frames.loaded(layer);
  if (!loaded) return;
  const { frames } = loaded;
  const range = valueExtent([[frames, [0, frames.quantiles - 1]]], number);
  const axes = createAxes({
    hours: frames.hours, left: 0, right: SPARK_SIZE.width, top: 2, bottom: SPARK_SIZE.height - 2,
    min: range.min, max: range.max || 1,
  });
  const paint = colours();
  chart.replaceChildren(svg('svg', { viewBox: `0 0 ${SPARK_SIZE.width} ${SPARK_SIZE.height}`, preserveAspectRatio: 'none' },
    svg('path', { d: `M0 ${axes.y(0)}H${SPARK_SIZE.width}`, stroke: paint.rule }),
    fanChart(frames, number, axes, paint, { every: 3 })));
  const [at, value] = peakOf(frames, number);
  const isDifference = loaded.side === 'difference';
  peak.textContent = value
    ? t(isDifference ? 'timeline.peak-difference' : 'timeline.peak', { value: formatValue(layer, value, isDifference), day: day(at, 'short') })
    : t(isDifference ? 'timeline.nothing-differs' : 'timeline.nothing');
}

function drawActionRows(root, app, width) {
  if (!width) return;
  const { actions, hours } = app.country;
  const paint = colours();
  const names = Math.min(Math.max(width * 0.3, 0), 300);
  const wide = width >= 640;
  const left = wide ? names : 26;
  const axes = createAxes({ hours, left, right: width - 8, top: 0, bottom: 1, max: 1 });
  const step = wide ? ROW_HEIGHT : ROW_HEIGHT * 1.7;
  const decided = new Map((app.world()?.decisions ?? []).map((each) => [each.action, each]));
  root.replaceChildren(svg('svg', {
    width, height: actions.length * step + 26, role: 'img', 'aria-label': t('timeline.actions-label'),
  }, dayGrid(axes, hours, actions.length * step, width - left, paint),
  actions.map((action, k) => actionRow(action, decided.get(action.name), k * step, { axes, wide, left, paint, hours }))),
  h('ol', { class: 'visually-hidden' }, actions.map((action) => h('li', null, actionSummary(action, decided.get(action.name))))));
}

/** The dates of an action in sources and model as a sentence. */
function actionSummary(action, decision) {
  const sources = t('timeline.action', { label: action.label, when: dateSpan(action) });
  if (!decision) return t('timeline.action-undecided', { sources });
  if (decision.q50 === null) return t('timeline.action-never', { sources });
  return t('timeline.action-model', { sources, day: day(decision.q50) });
}

function dayGrid(axes, hours, height, room, paint) {
  const count = hours / DAY;
  return Array.from({ length: count }, (_, k) => [
    svg('path', { d: `M${axes.x(k * DAY)} 0V${height}`, stroke: paint.rule, 'stroke-width': 0.8 }),
    svg('text', { x: axes.x(k * DAY + 12), y: height + 18, 'font-size': 11.5, 'text-anchor': 'middle', fill: paint.muted },
      day(k * DAY, room / count > 44 ? 'short' : 'number')),
  ]);
}

function actionRow(action, decision, top, { axes, wide, left, paint, hours }) {
  const middle = top + (wide ? ROW_HEIGHT / 2 : ROW_HEIGHT * 1.2);
  const [first, last] = [axes.x(action.earliest), axes.x(Math.min(action.latest + 1, hours - 1))];
  const end = action.end === null ? null : axes.x(Math.min(action.end, hours - 1));
  const label = `${action.number}\u2002${action.label}`;
  return svg('g', null, svg('title', null, actionSummary(action, decision)),
    svg('rect', { x: 0, y: top, width: axes.x(hours - 1), height: wide ? ROW_HEIGHT : ROW_HEIGHT * 1.7, fill: 'none', 'pointer-events': 'all' }),
    svg('text', {
      x: wide ? left - 12 : 2, y: wide ? middle + 4 : top + 14, 'font-size': 12.5, fill: paint.ink,
      'text-anchor': wide ? 'end' : 'start',
    }, label),
    end !== null && end > last ? svg('rect', { x: last, y: middle - 2, width: end - last, height: 4, fill: paint.band }) : null,
    svg('rect', { x: first, y: middle - 5, width: Math.max(last - first, 3), height: 10, rx: 1.5, fill: paint.muted }),
    decision && decision.q50 !== null ? modelledDates(decision, axes, middle, paint) : null);
}

function modelledDates({ q05, q50, q95 }, axes, middle, paint) {
  const [low, at, high] = [q05, q50, q95].map((hour) => axes.x(hour));
  return svg('g', null,
    svg('path', { d: `M${low} ${middle}H${high}`, stroke: paint.orange, 'stroke-width': 2 }),
    svg('path', { d: `M${at} ${middle - 9}V${middle + 9}`, stroke: paint.card, 'stroke-width': 5 }),
    svg('path', { d: `M${at} ${middle - 9}V${middle + 9}`, stroke: paint.orange, 'stroke-width': 3 }));
}
