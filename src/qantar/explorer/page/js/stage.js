/**
 * The stage: the clock, the figures of the hour, what the state does, and the map.
 */
import { announce, h, say } from './dom.js';
import { day, time } from './clock.js';
import { captionOf, clockPlace, happenings, localMoment, recent, spanOf, unitName } from './captions.js';
import { controls } from './controls.js';
import { reader, valueReader } from './frames.js';
import { headFigures } from './headfigures.js';
import { grows, sentence, shadeApart } from './layers.js';
import { drawLegend } from './legend.js';
import { createMap } from './map.js';
import { reachable } from './reach.js';
import { colours, onTheme } from './theme.js';
import { sideOf } from './view.js';
import { t } from './texts.js';

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mountStage(root, app) {
  const map = createMap(app.country);
  const parts = build(root, app, map);
  const words = (unit) => unitWords(app, unit);
  const touch = reachable(app.country, map, {
    words,
    choose: (unit) => app.select({ unit: app.country.units[unit].id }),
  });
  parts.frame.append(touch.tip);
  const draw = () => drawNow(app, map, parts, touch);
  const fit = () => {
    const matrix = map.node.getScreenCTM();
    if (!matrix) return;
    parts.zoom = 1 / matrix.a;
    map.scale((app.country.viewbox[0] + 16) * matrix.a, rankOf(app), colours());
    parts.legendOf = '';
    draw();
  };
  new ResizeObserver(fit).observe(map.node);
  onTheme(fit);
  app.view.subscribe(fit);
  app.subscribe(draw);
  app.onWorld(fit);
  const pause = () => { touch.relabel(); tell(app); };
  app.playback.subscribe((playing) => { if (!playing) pause(); });
  let quiet = 0;
  app.subscribe((state, changed) => {
    if (!changed.has('hour') || app.playback.playing()) return;
    clearTimeout(quiet);
    quiet = setTimeout(pause, 600);
  });
  fit();
}

function build(root, app, map) {
  const parts = {
    day: h('span', { class: 'clock-day' }),
    time: h('span', { class: 'clock-time' }),
    figures: headFigures(app),
    captions: h('div', { class: 'captions', 'aria-hidden': 'true' }),
    brush: h('p', { class: 'brush-note', hidden: true }),
    legend: h('div', { class: 'legend' }),
    zoom: 1,
    legendOf: '',
    shown: '',
  };
  parts.frame = h('div', { class: 'map-frame' }, map.node, parts.legend);
  map.node.setAttribute('aria-label', t('map.label'));
  root.querySelector('.stage-waiting')?.remove();
  root.append(
    h('div', { class: 'stage-head' },
      h('p', { class: 'clock', 'aria-hidden': 'true' }, parts.day, parts.time),
      parts.figures.node),
    parts.captions, parts.brush, controls(app), parts.frame);
  return parts;
}

/** Towns with the largest crowds of the whole time are named first. */
function rankOf(app) {
  const held = app.view.told('crowd');
  if (!held) return undefined;
  const { frames } = held;
  const peaks = new Map();
  return (unit) => {
    if (!peaks.has(unit)) peaks.set(unit, Math.round(frames.within(2, unit, 0, frames.hours, false)));
    return peaks.get(unit);
  };
}

function drawNow(app, map, parts, touch) {
  const state = app.getState();
  const held = app.view.held(state.layer);
  const crowd = app.view.held('crowd');
  const read = (layer, from) => valueReader(state, layer, from?.frames ?? null, app.view.single(layer)?.frames);
  const difference = held?.side === 'difference';
  map.update({
    layer: state.layer,
    difference,
    value: read(state.layer, held),
    crowd: state.show === 'spread'
      ? valueReader({ ...state, show: 'median' }, 'crowd', crowd?.frames ?? null)
      : read('crowd', crowd),
    shutdown: partReader(app, state, 'shutdown'),
    troops: partReader(app, state, 'troops'),
    selected: state.unit,
    colours: colours(),
  });
  drawHead(app, parts, state);
  drawNote(app, parts, state, held);
  legend(parts, state, difference);
  if (!touch.tip.hidden) touch.refresh();
}

function partReader(app, state, layer) {
  const held = app.view.held(layer);
  if (!held || held.side === 'difference') return null;
  return valueReader(state.show === 'spread' ? { ...state, show: 'median' } : state, layer, held.frames);
}

function legend(parts, state, difference) {
  const name = `${state.layer} ${difference} ${state.show === 'spread'} ${parts.zoom}`;
  if (parts.legendOf === name) return;
  parts.legendOf = name;
  drawLegend(parts.legend, {
    layer: state.layer, difference, spread: state.show === 'spread', zoom: parts.zoom, colours: colours(),
  });
}

function drawHead(app, parts, state) {
  const place = clockPlace(app, state);
  say(parts.day, day(state.hour + place.offset, 'weekday'));
  say(parts.time, t('map.clock-time', { time: time(state.hour + place.offset), place: place.label }));
  parts.figures.draw(state);
  const told = app.view.told('crowd');
  // For whoever must know from outside which world is drawn: tests and the script that films it.
  if (told && document.body.dataset.world !== told.key) document.body.dataset.world = told.key;
  drawCaptions(app, parts, state);
}

/** Say when the map shows days instead of an hour, and when it is empty for a reason. */
function drawNote(app, parts, state, held) {
  const words = state.from !== null && state.to !== null
    ? brushWords(state, held?.side === 'difference')
    : held?.side === 'difference' && state.show === 'median' && alike(app, state, held.frames) ? t('map.no-difference') : '';
  parts.brush.hidden = !words;
  say(parts.brush, words);
}

function alike(app, state, frames) {
  const value = valueReader(state, state.layer, frames, app.view.single(state.layer)?.frames);
  return app.country.units.every(
    (unit, k) => unit.kind === 'country' || shadeApart(state.layer, value(k), unit.population) === 3,
  );
}

function brushWords(state, apart) {
  const span = spanOf({ earliest: state.from, latest: state.to - 1 });
  if (!grows(state.layer)) return t('map.brush-most', { span });
  // Only of one run and of a mean is the increase what it says; of the others the line grew so much.
  const plain = state.show === 'member' || (apart && state.show === 'median');
  return t(`map.brush-growing.${plain ? 'plain' : state.show}`, { span });
}

function drawCaptions(app, parts, state) {
  const all = recent(happenings(app.country, app.world(), sideOf(state, app.world())), state.hour);
  const name = all.map((each) => `${each.name} ${each.hour}`).join();
  if (parts.shown === name) return;
  parts.shown = name;
  parts.captions.replaceChildren(...all.slice(0, 3).map((each) => h('p', { class: 'caption' }, captionOf(each))));
}

function unitWords(app, unit) {
  const state = app.getState();
  const name = unitName(app.country.units[unit]);
  const held = app.view.held(state.layer);
  if (!held) return t('map.no-value', { name });
  const single = app.view.single(state.layer)?.frames;
  const reading = reader(state, state.layer, held.frames, single)(unit);
  const spread = state.show === 'spread';
  const said = sentence(state.layer, reading, {
    difference: held.side === 'difference', range: state.show === 'median', days: state.from !== null, spread,
  });
  if (spread) return t('map.unit-spread', { name, said });
  const what = t('map.unit-value', { name, said });
  return state.show === 'median' ? what : t(`map.showing.${state.show}`, { what, number: state.member + 1 });
}

/** Say the hour in words to those who do not see it. */
function tell(app) {
  const state = app.getState();
  const held = app.view.told('crowd');
  const unit = app.unitNumber(state.unit);
  const said = held ? sentence('crowd', {
    value: held.frames.at(2, state.hour, unit),
    low: held.frames.at(0, state.hour, unit),
    high: held.frames.at(4, state.hour, unit),
  }) : '';
  const done = recent(happenings(app.country, app.world(), sideOf(state, app.world())), state.hour);
  announce([localMoment(app, state), said, ...done.slice(0, 2).map(captionOf)].filter(Boolean).join('. '));
}
