/**
 * The map section of the page: clock, headline figures, captions, controls, and the map with its legend.
 */
import { announce, h, setText } from './dom.js';
import { actionCaption, dateSpan, recentActions } from './events.js';
import { MEDIAN, rangeReader, shownSide, valueReader } from './frames.js';
import { LAYERS, STATISTICS, describeValue, formatValue, isCumulative, layerName, rateOf } from './layers.js';
import { drawLegend } from './legend.js';
import { createMap, enableMapInput } from './map.js';
import { circleLayer, classOf, createScale } from './scales.js';
import { clockPlace, day, localTime, num, t, time, unitName } from './texts.js';
import { colours, onTheme } from './theme.js';

/**
 * Mount the map section.
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mountMapView(root, app) {
  const map = createMap(app.country);
  const parts = buildParts(root, app, map);
  const input = enableMapInput(app.country, map, {
    describe: (unit) => describeUnit(app, unit),
    select: (unit) => app.select({ unit: app.country.units[unit].id }),
  });
  parts.frame.append(input.tip);
  const draw = () => drawMapView(app, map, parts, input);
  const fit = () => {
    const matrix = map.node.getScreenCTM();
    if (!matrix) return;
    parts.zoom = 1 / matrix.a;
    map.scale((app.country.viewbox[0] + 16) * matrix.a, labelRank(app), colours());
    parts.legendKey = '';
    draw();
  };
  new ResizeObserver(fit).observe(map.node);
  onTheme(fit);
  app.frames.subscribe(fit);
  app.subscribe(draw);
  app.onWorld(fit);
  const onPause = () => { input.relabel(); announceHour(app); };
  app.playback.subscribe((playing) => { if (!playing) onPause(); });
  let announceTimer = 0;
  app.subscribe((state, changed) => {
    if (!changed.has('hour') || app.playback.playing()) return;
    clearTimeout(announceTimer);
    announceTimer = setTimeout(onPause, 600);
  });
  fit();
}

function buildParts(root, app, map) {
  const parts = {
    day: h('span', { class: 'clock-day' }),
    time: h('span', { class: 'clock-time' }),
    figures: headlineFigures(app),
    captions: h('div', { class: 'captions', 'aria-hidden': 'true' }),
    note: h('p', { class: 'brush-note', hidden: true }),
    legend: h('div', { class: 'legend' }),
    zoom: 1,
    // What the legend and the captions show: they are drawn again only if it changes.
    legendKey: '',
    scale: null,
    scaleKey: '',
    captionsKey: '',
  };
  parts.frame = h('div', { class: 'map-frame' }, map.node, parts.legend);
  map.node.setAttribute('aria-label', t('map.label'));
  root.querySelector('.map-waiting')?.remove();
  root.append(
    h('div', { class: 'map-header' },
      h('p', { class: 'clock', 'aria-hidden': 'true' }, parts.day, parts.time),
      parts.figures.node),
    parts.captions, parts.note, mapControls(app), parts.frame);
  return parts;
}

/** Labels go first to the towns with the largest peak crowds. */
function labelRank(app) {
  const loaded = app.frames.headline('crowd');
  if (!loaded) return undefined;
  const { frames } = loaded;
  const peaks = new Map();
  return (unit) => {
    if (!peaks.has(unit)) peaks.set(unit, Math.round(frames.overHours(MEDIAN, unit, 0, frames.hours, false)));
    return peaks.get(unit);
  };
}

function drawMapView(app, map, parts, input) {
  const state = app.getState();
  const loaded = app.frames.loaded(state.layer);
  const circles = circleLayer(state.layer);
  const scale = currentScale(app, parts, state);
  const read = (layer, from) => valueReader(state, layer, from?.frames ?? null, app.frames.member(layer)?.frames);
  const difference = loaded?.side === 'difference';
  map.update({
    layer: state.layer,
    difference,
    value: read(state.layer, loaded),
    scale,
    circle: state.show === 'spread'
      ? valueReader({ ...state, show: 'median' }, circles, app.frames.loaded(circles)?.frames ?? null)
      : read(circles, app.frames.loaded(circles)),
    shutdown: overlayReader(app, state, 'shutdown'),
    troops: overlayReader(app, state, 'troops'),
    selected: state.unit,
    colours: colours(),
  });
  drawHeader(app, parts, state);
  drawNote(app, parts, state, loaded, scale);
  updateLegend(parts, state, scale);
  if (!input.tip.hidden) input.refresh();
}

function overlayReader(app, state, layer) {
  const loaded = app.frames.loaded(layer);
  if (!loaded || loaded.side === 'difference') return null;
  return valueReader(state.show === 'spread' ? { ...state, show: 'median' } : state, layer, loaded.frames);
}

/**
 * The scale of the map that is shown. A world that is drawn for comparison has the same scale.
 * @param {Object} app
 * @param {{scale: Object|null, scaleKey: string}} cache of the last scale
 * @param {import('./state.js').State} state
 * @returns {import('./scales.js').Scale}
 */
export function currentScale(app, cache, state) {
  const worldsOf = (layer) => {
    const loaded = app.frames.loaded(layer);
    const member = state.show === 'member' ? app.frames.member(layer) : null;
    const other = layer === state.layer && loaded?.side !== 'difference' ? app.frames.comparison() : null;
    return [loaded && { ...loaded, member: member?.frames ?? null }, other && { ...other, member: null }].filter(Boolean);
  };
  const [shown, circles] = [worldsOf(state.layer), worldsOf(circleLayer(state.layer))];
  const difference = shown[0]?.side === 'difference';
  const key = [state.layer, state.show, state.member, ...[...shown, ...circles].map((each) => `${each.key} ${each.side} ${each.member !== null}`)].join('|');
  if (cache.scaleKey === key) return cache.scale;
  cache.scaleKey = key;
  cache.scale = createScale({
    layer: state.layer, show: state.show, difference, units: app.country.units, frames: shown, circleFrames: circles,
  });
  return cache.scale;
}

function updateLegend(parts, state, scale) {
  const key = `${parts.scaleKey} ${parts.zoom}`;
  if (parts.legendKey === key) return;
  parts.legendKey = key;
  drawLegend(parts.legend, { scale, spread: state.show === 'spread', zoom: parts.zoom, colours: colours() });
}

function drawHeader(app, parts, state) {
  const place = clockPlace(app, state);
  setText(parts.day, day(state.hour + place.offset, 'weekday'));
  setText(parts.time, t('map.clock-time', { time: time(state.hour + place.offset), place: place.label }));
  parts.figures.draw(state);
  const loaded = app.frames.headline('crowd');
  // Tests and the script that films the page read here which world is drawn.
  if (loaded && document.body.dataset.world !== loaded.key) document.body.dataset.world = loaded.key;
  drawCaptions(app, parts, state);
}

/** A note when the map shows several days instead of an hour, or no difference at all. */
function drawNote(app, parts, state, loaded, scale) {
  const text = state.from !== null && state.to !== null
    ? brushText(state, loaded?.side === 'difference')
    : loaded?.side === 'difference' && state.show === 'median' && hasNoDifference(app, state, loaded.frames, scale) ? t('map.no-difference') : '';
  parts.note.hidden = !text;
  setText(parts.note, text);
}

function hasNoDifference(app, state, frames, scale) {
  const value = valueReader(state, state.layer, frames, app.frames.member(state.layer)?.frames);
  return app.country.units.every(
    (unit, k) => unit.kind === 'country' || classOf(scale, rateOf(state.layer, value(k), unit.population)) === 0,
  );
}

function brushText(state, isDifference) {
  const span = dateSpan({ earliest: state.from, latest: state.to - 1 });
  if (!isCumulative(state.layer)) return t('map.brush-most', { span });
  // The increase of a quantile is not a quantile of the increase, so those texts say it differently.
  const isExact = state.show === 'member' || (isDifference && state.show === 'median');
  return t(`map.brush-growing.${isExact ? 'plain' : state.show}`, { span });
}

function drawCaptions(app, parts, state) {
  const actions = recentActions(app, state);
  const key = actions.map((each) => `${each.name} ${each.hour}`).join();
  if (parts.captionsKey === key) return;
  parts.captionsKey = key;
  parts.captions.replaceChildren(...actions.slice(0, 3).map((each) => h('p', { class: 'caption' }, actionCaption(each))));
}

function describeUnit(app, unit) {
  const state = app.getState();
  const name = unitName(app.country.units[unit]);
  const loaded = app.frames.loaded(state.layer);
  if (!loaded) return t('map.no-value', { name });
  const memberFrames = app.frames.member(state.layer)?.frames;
  const reading = rangeReader(state, state.layer, loaded.frames, memberFrames)(unit);
  const spread = state.show === 'spread';
  const text = describeValue(state.layer, reading, {
    difference: loaded.side === 'difference', range: state.show === 'median', days: state.from !== null, spread,
  });
  if (spread) return t('map.unit-spread', { name, said: text });
  const withValue = t('map.unit-value', { name, said: text });
  return state.show === 'median' ? withValue : t(`map.showing.${state.show}`, { what: withValue, number: state.member + 1 });
}

/** Have screen readers say the hour, the crowd and the latest actions. */
function announceHour(app) {
  const state = app.getState();
  const loaded = app.frames.headline('crowd');
  const unit = app.unitIndex(state.unit);
  const text = loaded ? describeValue('crowd', {
    value: loaded.frames.at(MEDIAN, state.hour, unit),
    low: loaded.frames.at(0, state.hour, unit),
    high: loaded.frames.at(4, state.hour, unit),
  }) : '';
  const actions = recentActions(app, state);
  announce([localTime(app, state), text, ...actions.slice(0, 2).map(actionCaption)].filter(Boolean).join('. '));
}

// Headline figures

const FIGURE_LAYERS = ['crowd', 'deaths', 'detained'];
/** Quantile that is shown alone; in other displays the median is shown with its range. */
const SINGLE_QUANTILE = { low: 0, high: 4, member: 0 };

/**
 * Crowd, deaths and detentions at the hour: of the ensemble, of one run, or of a difference.
 * @param {Object} app
 * @returns {{node: HTMLElement, draw: (state: import('./state.js').State) => void}}
 */
function headlineFigures(app) {
  const pairs = new Map(FIGURE_LAYERS.map((layer) => [layer, { value: h('dd', null), range: h('dd', { class: 'range' }) }]));
  const place = h('p', { class: 'figures-where' });
  const node = h('div', { class: 'figures-box' }, h('dl', { class: 'figures' }, [...pairs].map(
    ([layer, { value, range }]) => h('div', null, h('dt', null, t(`map.figure.${layer}`)), value, range),
  )), place);
  const framesOf = createFrameLookup(app);
  const draw = (state) => {
    const side = shownSide(state, app.world());
    const isDifference = side === 'difference';
    const unit = app.unitIndex(state.unit);
    for (const [layer, { value, range }] of pairs) {
      const frames = framesOf(state, side, layer, () => draw(app.getState()));
      const text = (quantile) => {
        const number = frames.at(quantile, state.hour, unit);
        return isDifference ? formatValue(layer, number, true) : num(number);
      };
      setText(value, frames ? text(SINGLE_QUANTILE[state.show] ?? MEDIAN) : '…');
      const bounds = frames && !(state.show in SINGLE_QUANTILE) ? [text(0), text(frames.quantiles - 1)] : ['', ''];
      setText(range, bounds[0] === bounds[1] ? '\u00a0' : t('map.figure.range', { low: bounds[0], high: bounds[1] }));
    }
    setText(place, t(PLACE_TEXTS[side], { place: unitName(app.unit(state.unit)), what: statisticText(state, isDifference) }));
  };
  return { node, draw };
}

const PLACE_TEXTS = {
  base: 'map.figure.where', changed: 'map.figure.where-changed', difference: 'map.figure.where-difference',
};

function statisticText({ show, member }, isDifference) {
  if (show === 'member') return t('map.figure.what.member', { number: member + 1 });
  if (show in SINGLE_QUANTILE) return t(`map.figure.what.${show}`);
  return t(isDifference ? 'map.figure.what.mean' : 'map.figure.what.median');
}

/** Frames that the frame store does not hold, of a single run or of a difference; requested on first use. */
function createFrameLookup(app) {
  const slots = new Map();
  return (state, side, layer, onLoad) => {
    const world = app.world();
    if (side !== 'difference' && state.show !== 'member') return app.frames.headline(layer)?.frames ?? null;
    if (!world?.layers.includes(layer)) return null;
    if (state.show === 'member' && !world.single_members) return null;
    const number = state.show === 'member' ? Math.min(state.member, world.members - 1) : null;
    const key = `${world.key} ${side} ${number}`;
    const slot = slots.get(layer);
    if (slot?.key === key) return slot.frames;
    const entry = { key, frames: null };
    slots.set(layer, entry);
    const request = number === null
      ? app.worlds.frames(world.key, side, layer)
      : app.worlds.member(world.key, side, number, layer);
    request.then((frames) => { entry.frames = frames; onLoad(); }).catch(() => {
      // The frame store shows errors of the same server; the next drawing requests these frames again.
      if (slots.get(layer) === entry) slots.delete(layer);
    });
    return null;
  };
}

// Controls

const SIDES = ['difference', 'base', 'changed'];

/**
 * Layer, side of a what-if, and how the ensemble is shown.
 * @param {Object} app
 * @returns {HTMLElement}
 */
function mapControls(app) {
  const layers = radioChips('layer', t('layer.title'), LAYERS, layerName, app);
  const sides = radioChips('side', t('map.side.title'), SIDES, (side) => t(`map.side.${side}`), app);
  const member = h('input', {
    type: 'number', min: 1, step: 1, class: 'member', 'aria-label': t('map.member'),
    onchange: () => {
      const number = Math.max(Math.round(Number(member.value)) || 1, 1);
      // Runs are numbered from 1 on the page, from 0 in arrays.
      app.setState({ member: Math.min(number, app.world()?.planned ?? 2) - 1 });
    },
  });
  const show = h('select', { onchange: () => app.setState({ show: show.value }) },
    STATISTICS.map((each) => h('option', { value: each }, t(`map.show.${each}`))));
  const rules = h('p', { class: 'rules-note', hidden: true }, t('map.by-rules'));
  const update = () => {
    const [state, world] = [app.getState(), app.world()];
    setChecked(layers, state.layer);
    setChecked(sides, shownSide(state, world));
    sides.hidden = !world?.sides.includes('changed');
    const isDifference = shownSide(state, world) === 'difference';
    rules.hidden = sides.hidden || isDifference || world.world?.mode !== 'rules';
    // Differences are shown by their mean: where most pairs are equal the median is zero.
    show.options[0].textContent = t(isDifference ? 'map.show.mean' : 'map.show.median');
    show.value = state.show;
    member.hidden = state.show !== 'member';
    member.max = String(world?.planned ?? 2);
    if (document.activeElement !== member) member.value = String(state.member + 1);
    for (const input of layers.querySelectorAll('input')) {
      const recorded = !world || world.layers.includes(input.value);
      input.disabled = !recorded;
      input.parentElement.title = recorded ? '' : t('layer.not-recorded');
    }
  };
  app.subscribe((state, changed) => {
    if (['layer', 'side', 'show', 'member'].some((key) => changed.has(key))) update();
  });
  app.onWorld(update);
  update();
  return h('div', { class: 'controls' }, sides, layers,
    h('div', { class: 'show' }, h('label', { class: 'field' }, h('span', null, t('map.show.title')), show), member), rules);
}

function radioChips(key, title, names, nameOf, app) {
  return h('fieldset', { class: `chips chips-${key}` }, h('legend', { class: 'visually-hidden' }, title),
    names.map((name) => h('label', { class: 'chip' },
      h('input', { type: 'radio', name: `chip-${key}`, value: name, onchange: () => app.setState({ [key]: name }) }),
      h('span', null, nameOf(name)))));
}

function setChecked(fieldset, value) {
  for (const input of fieldset.querySelectorAll('input')) input.checked = input.value === value;
}

