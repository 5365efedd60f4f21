/**
 * The timeline: a fan chart that is also the place to choose an hour or some days.
 */
import { h, svg } from './dom.js';
import { day } from './clock.js';
import { unitName } from './captions.js';
import { BASE, flags, publications, report, TOP } from './marks.js';
import { axesOf, extent, fan, line, ticks } from './fans.js';
import { farthest } from './frames.js';
import { grows, inWords, layerName, scaleOf } from './layers.js';
import { marksOf } from './reports.js';
import { colours, onTheme } from './theme.js';
import { exact, percent, t } from './texts.js';

const DAY = 24;
const HEIGHT = 124;
/** Room for the numbers on the left, which the scrubber below keeps too. */
const LEFT = 60;
const RIGHT = 14;
/** Width from which there is room for the numbers of actions. */
const NUMBERED = 760;
/** Hours that a pointer may wander before a click becomes a brush. */
const WANDER = 3;

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mountTimeline(root, app) {
  const title = h('p', { class: 'fan-title' });
  const place = h('div', { class: 'fan-chart' });
  root.append(title, place);
  const parts = { title, place, cursor: null, brush: null, axes: null, width: 0 };
  let due = 0;
  const redraw = () => {
    if (due) return;
    due = requestAnimationFrame(() => { due = 0; draw(app, parts); });
  };
  new ResizeObserver(([entry]) => {
    if (Math.abs(entry.contentRect.width - parts.width) < 1) return;
    parts.width = entry.contentRect.width;
    redraw();
  }).observe(place);
  app.view.subscribe(redraw);
  app.onWorld(redraw);
  app.onTimeline(redraw);
  onTheme(redraw);
  app.subscribe((state, changed) => {
    if (changed.has('unit') || changed.has('layer') || changed.has('side')) redraw();
    if (changed.has('hour') || changed.has('from') || changed.has('to')) move(app, parts);
  });
  brushing(app, parts);
}

function draw(app, parts) {
  const { place, width } = parts;
  if (!width) return;
  const state = app.getState();
  const paint = colours();
  const unit = app.unitNumber(state.unit);
  const held = app.view.held(state.layer);
  const shown = held ? overlays(app, state, held) : [];
  const marks = !held || held.side === 'difference' ? [] : marksOf(app.timeline(), state.layer, app.unit(state.unit));
  const range = extent(shown, unit);
  const most = Math.max(range.most, ...marks.map((m) => Math.min(m.high ?? m.low, 3 * range.most)), 0) * 1.06;
  const { hours } = app.country;
  parts.axes = axesOf({
    hours, left: LEFT, right: width - RIGHT, top: TOP, bottom: BASE, least: range.least * 1.06, most: most || 1,
  });
  parts.title.replaceChildren(...heading(app, state, held));
  parts.brush = svg('rect', { y: TOP - 6, height: BASE - TOP + 6, fill: paint.orange, 'fill-opacity': 0.18, visibility: 'hidden' });
  parts.cursor = svg('path', { d: `M0 ${TOP - 8}V${BASE + 4}`, stroke: paint.ink, 'stroke-width': 1.5 });
  place.replaceChildren(svg('svg', {
    class: 'fan-svg', width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img',
    'aria-label': inBrief(app, state, held, unit),
  },
  ground(parts.axes, hours, width, paint, held ? state.layer : null), parts.brush,
  held ? fan(held.frames, unit, parts.axes, paint) : null,
  lines(app, state, held, unit, parts.axes, paint),
  marks.map((mark) => report(mark, parts.axes, paint, hours)),
  flags(app, state, parts.axes, paint, width >= NUMBERED), publications(app, parts.axes, paint), parts.cursor));
  move(app, parts);
}

function overlays(app, state, held) {
  const found = [[held.frames, [0, held.frames.parts - 1]]];
  const single = app.view.single(state.layer);
  if (single) found.push([single.frames, [0]]);
  const second = app.view.second();
  if (second) found.push([second.frames, [2]]);
  return found;
}

function lines(app, state, held, unit, axes, paint) {
  const second = app.view.second();
  const single = app.view.single(state.layer);
  return [
    second && held ? line(second.frames, 2, unit, axes, {
      stroke: paint.second, 'stroke-width': 2, 'stroke-dasharray': '5 3',
    }) : null,
    single ? line(single.frames, 0, unit, axes, { stroke: paint.ink, 'stroke-width': 1.1 }) : null,
  ];
}

function ground(axes, hours, width, paint, layer) {
  const days = Array.from({ length: hours / DAY }, (_, k) => k);
  const room = (width - LEFT - RIGHT) / days.length;
  const text = { fill: paint.muted, 'font-size': 11.5 };
  return svg('g', { 'aria-hidden': 'true' },
    (layer ? ticks(axes.least, axes.most) : [0]).map((value) => [
      svg('path', { d: `M${LEFT} ${axes.y(value)}H${width - RIGHT}`, stroke: paint.rule, 'stroke-width': value ? 0.8 : 1.2 }),
      svg('text', { ...text, x: LEFT - 6, y: axes.y(value) + 4, 'text-anchor': 'end' },
        layer ? short(layer, value) : ''),
    ]),
    days.map((k) => [
      svg('path', { d: `M${axes.x(k * DAY)} ${BASE}v5`, stroke: paint.muted }),
      svg('text', { ...text, x: axes.x(k * DAY + 12), y: BASE + 16, 'text-anchor': 'middle' },
        day(k * DAY, room > 44 ? 'short' : 'number')),
    ]));
}

function short(layer, value) {
  if (scaleOf(layer).share) return value < 0 ? `−${percent(-value)}` : percent(value);
  return Math.abs(value) >= 10_000 ? t('common.thousand', { value: value / 1000 }) : exact(value);
}

function heading(app, state, held) {
  const second = app.view.second();
  const item = (name, key, values) => h('span', { class: `fan-key fan-key-${name}` }, t(key, values));
  return [
    h('b', null, t('timeline.heading', { layer: layerName(state.layer), place: unitName(app.unit(state.unit)) })),
    item('median', held?.side === 'difference' ? 'timeline.key-difference' : 'timeline.key-median'),
    item('band', held?.side === 'difference' ? 'download.key-pairs' : 'timeline.key-band'),
    app.view.single(state.layer) ? item('single', 'timeline.key-single', { number: state.member + 1 }) : '',
    second ? item('second', 'timeline.key-second', { name: app.secondName() }) : '',
    held?.side === 'difference' ? '' : item('report', 'timeline.key-report'),
    app.timeline()?.publications.length ? item('published', 'timeline.key-published') : '',
  ];
}

function inBrief(app, state, held, unit) {
  const name = t('timeline.heading', { layer: layerName(state.layer), place: unitName(app.unit(state.unit)) });
  if (!held) return name;
  const apart = held.side === 'difference';
  const [peak, value] = farthest(held.frames, unit);
  const said = (number) => inWords(state.layer, number, apart);
  return t(apart ? 'timeline.brief-difference' : grows(state.layer) ? 'timeline.brief-growing' : 'timeline.brief', {
    name, value: said(value), day: day(peak),
    low: said(held.frames.at(0, peak, unit)), high: said(held.frames.at(held.frames.parts - 1, peak, unit)),
  });
}

function move(app, { axes, cursor, brush }) {
  if (!axes) return;
  const { hour, from, to } = app.getState();
  cursor.setAttribute('transform', `translate(${axes.x(hour).toFixed(1)} 0)`);
  const chosen = from !== null && to !== null;
  brush.setAttribute('visibility', chosen ? 'visible' : 'hidden');
  if (!chosen) return;
  brush.setAttribute('x', axes.x(from));
  brush.setAttribute('width', Math.max(axes.x(Math.min(to, app.country.hours - 1)) - axes.x(from), 1));
}

function brushing(app, parts) {
  let start = null;
  const hourAt = (event) => {
    const box = parts.place.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
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
    if (Math.abs(hour - start) <= WANDER) return;
    // Days are what the words and the fields name, so days are what the data must cover.
    const [first, last] = [Math.min(start, hour), Math.max(start, hour)].map((each) => Math.floor(each / DAY));
    app.setState({ from: first * DAY, to: (last + 1) * DAY });
  });
  parts.place.addEventListener('pointerup', (event) => {
    if (start === null) return;
    const still = Math.abs(hourAt(event) - start) <= WANDER;
    start = null;
    if (!still) return;
    const mark = document.elementFromPoint(event.clientX, event.clientY)?.closest('.fan-mark');
    if (mark) app.select(mark.dataset.target ? { target: mark.dataset.target } : { claim: mark.dataset.claim });
    else app.playback.go(hourAt(event));
  });
  parts.place.addEventListener('pointercancel', () => { start = null; });
}
