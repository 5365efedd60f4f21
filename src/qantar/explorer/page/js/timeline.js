/**
 * The timeline below the map: a fan chart on which an hour or a range of days can be chosen.
 */
import { CHART_BOTTOM, CHART_TOP, actionFlags, publicationMarks, timelineChart } from './charts.js';
import { h, svg } from './dom.js';
import { peakOf } from './frames.js';
import { formatValue, isCumulative, layerName } from './layers.js';
import { day, t, unitName } from './texts.js';
import { colours, onTheme } from './theme.js';

const DAY = 24;
const HEIGHT = 124;
/** Room for the numbers on the left; the slider below is aligned with it. */
const CHART_LEFT = 60;
const MARGIN_RIGHT = 14;
/** Width in pixels from which actions are numbered. */
const NUMBERED_WIDTH = 760;
/** Hours that a pointer may move before a click becomes a selection of days. */
const CLICK_TOLERANCE = 3;
/** See `timelineChart`. */
const STYLE = { tickCount: 3, fontSize: 11.5, zeroWidth: 1.2, dayOffset: 16, compact: true };

/**
 * Mount the timeline.
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mountTimeline(root, app) {
  const title = h('p', { class: 'fan-title' });
  const place = h('div', { class: 'fan-chart' });
  root.append(title, place);
  const parts = { title, place, cursor: null, brush: null, axes: null, width: 0 };
  let scheduled = 0;
  const redraw = () => {
    if (scheduled) return;
    scheduled = requestAnimationFrame(() => { scheduled = 0; drawTimeline(app, parts); });
  };
  new ResizeObserver(([entry]) => {
    if (Math.abs(entry.contentRect.width - parts.width) < 1) return;
    parts.width = entry.contentRect.width;
    redraw();
  }).observe(place);
  app.frames.subscribe(redraw);
  app.onWorld(redraw);
  app.onTimeline(redraw);
  onTheme(redraw);
  app.subscribe((state, changed) => {
    if (changed.has('unit') || changed.has('layer') || changed.has('side')) redraw();
    if (changed.has('hour') || changed.has('from') || changed.has('to')) moveCursor(app, parts);
  });
  enableBrush(app, parts);
}

function drawTimeline(app, parts) {
  const { place, width } = parts;
  if (!width) return;
  const state = app.getState();
  const paint = colours();
  const loaded = app.frames.loaded(state.layer);
  const box = { left: CHART_LEFT, right: width - MARGIN_RIGHT, top: CHART_TOP, bottom: CHART_BOTTOM };
  const { axes, grid, series, reports } = timelineChart(app, box, STYLE);
  parts.axes = axes;
  parts.title.replaceChildren(...legendItems(app, state, loaded));
  parts.brush = svg('rect', { y: CHART_TOP - 6, height: CHART_BOTTOM - CHART_TOP + 6, fill: paint.orange, 'fill-opacity': 0.18, visibility: 'hidden' });
  parts.cursor = svg('path', { d: `M0 ${CHART_TOP - 8}V${CHART_BOTTOM + 4}`, stroke: paint.ink, 'stroke-width': 1.5 });
  place.replaceChildren(svg('svg', {
    class: 'fan-svg', width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img',
    'aria-label': summaryText(app, state, loaded),
  },
  grid, parts.brush, series, reports,
  actionFlags(app, state, axes, paint, width >= NUMBERED_WIDTH), publicationMarks(app, axes, paint), parts.cursor));
  moveCursor(app, parts);
}

function legendItems(app, state, loaded) {
  const comparison = app.frames.comparison();
  const item = (name, key, values) => h('span', { class: `fan-key fan-key-${name}` }, t(key, values));
  return [
    h('b', null, t('timeline.heading', { layer: layerName(state.layer), place: unitName(app.unit(state.unit)) })),
    item('median', loaded?.side === 'difference' ? 'timeline.key-difference' : 'timeline.key-median'),
    item('band', loaded?.side === 'difference' ? 'download.key-pairs' : 'timeline.key-band'),
    app.frames.member(state.layer) ? item('member', 'timeline.key-single', { number: state.member + 1 }) : '',
    comparison ? item('comparison', 'timeline.key-second', { name: app.comparisonName() }) : '',
    loaded?.side === 'difference' ? '' : item('report', 'timeline.key-report'),
    app.timeline()?.publications.length ? item('published', 'timeline.key-published') : '',
  ];
}

/** The chart in a sentence, for screen readers. */
function summaryText(app, state, loaded) {
  const name = t('timeline.heading', { layer: layerName(state.layer), place: unitName(app.unit(state.unit)) });
  if (!loaded) return name;
  const unit = app.unitIndex(state.unit);
  const isDifference = loaded.side === 'difference';
  const [peak, value] = peakOf(loaded.frames, unit);
  const format = (number) => formatValue(state.layer, number, isDifference);
  return t(isDifference ? 'timeline.brief-difference' : isCumulative(state.layer) ? 'timeline.brief-growing' : 'timeline.brief', {
    name, value: format(value), day: day(peak),
    low: format(loaded.frames.at(0, peak, unit)), high: format(loaded.frames.at(loaded.frames.quantiles - 1, peak, unit)),
  });
}

function moveCursor(app, { axes, cursor, brush }) {
  if (!axes) return;
  const { hour, from, to } = app.getState();
  cursor.setAttribute('transform', `translate(${axes.x(hour).toFixed(1)} 0)`);
  const brushed = from !== null && to !== null;
  brush.setAttribute('visibility', brushed ? 'visible' : 'hidden');
  if (!brushed) return;
  brush.setAttribute('x', axes.x(from));
  brush.setAttribute('width', Math.max(axes.x(Math.min(to, app.country.hours - 1)) - axes.x(from), 1));
}

/** Select an hour with a click, or a range of days by dragging. */
function enableBrush(app, parts) {
  let start = null;
  const hourAt = (event) => {
    const box = parts.place.getBoundingClientRect();
    const share = (event.clientX - box.left - CHART_LEFT) / (box.width - CHART_LEFT - MARGIN_RIGHT);
    return Math.min(Math.max(Math.round(share * (app.country.hours - 1)), 0), app.country.hours - 1);
  };
  parts.place.addEventListener('pointerdown', (event) => {
    if (event.button || !parts.axes) return;
    start = hourAt(event);
    parts.place.setPointerCapture(event.pointerId);
    app.playback.stop();
  });
  parts.place.addEventListener('pointermove', (event) => {
    if (start === null) return;
    const hour = hourAt(event);
    if (Math.abs(hour - start) <= CLICK_TOLERANCE) return;
    // The texts and fields name whole days, so whole days are selected.
    const [first, last] = [Math.min(start, hour), Math.max(start, hour)].map((each) => Math.floor(each / DAY));
    app.setState({ from: first * DAY, to: (last + 1) * DAY });
  });
  parts.place.addEventListener('pointerup', (event) => {
    if (start === null) return;
    const isClick = Math.abs(hourAt(event) - start) <= CLICK_TOLERANCE;
    start = null;
    if (!isClick) return;
    const mark = document.elementFromPoint(event.clientX, event.clientY)?.closest('.fan-mark');
    if (mark) app.select(mark.dataset.target ? { target: mark.dataset.target } : { claim: mark.dataset.claim });
    else app.playback.go(hourAt(event));
  });
  parts.place.addEventListener('pointercancel', () => { start = null; });
}
