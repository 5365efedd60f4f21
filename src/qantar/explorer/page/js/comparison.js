/**
 * Comparison of two worlds: two small maps on one scale at the same hour, and a table of figures.
 */
import { clear, h, setText } from './dom.js';
import { MEDIAN, valueReader } from './frames.js';
import { layerName } from './layers.js';
import { createMap } from './map.js';
import { errorBox } from './notices.js';
import { circleLayer, createScale } from './scales.js';
import { getState } from './state.js';
import { dayAndTime, formatQuantity, num, t } from './texts.js';
import { colours, onTheme } from './theme.js';

const MAP_WIDTH = 320;

/**
 * @typedef {Object} Side
 * @property {string} name title of the world
 * @property {Object} world its payload
 */

/**
 * Two worlds beside each other. `show` takes null to hide the view; `redraw` follows the hour.
 * @param {Object} app
 * @returns {{node: HTMLElement, show: (sides: Promise<[Side, Side]>|null) => Promise<void>,
 *   redraw: () => void}}
 */
export function comparisonView(app) {
  const caption = h('p', { class: 'aside' });
  const maps = [0, 1].map(() => smallMap(app));
  const figures = h('div');
  const status = h('div', { role: 'status' });
  const content = h('div', { hidden: true }, caption,
    h('div', { class: 'two-maps' }, maps.map((map) => map.node)), figures);
  const node = h('div', { class: 'comparison', hidden: true }, status, content);
  const view = { sides: null, turn: 0, scale: null, scaled: null };

  async function show(request) {
    const turn = (view.turn += 1);
    node.hidden = request === null;
    if (request === null) return;
    content.classList.toggle('previous', view.sides !== null);
    clear(status).append(h('p', { class: 'aside' }, t('accounts.working')));
    try {
      const sides = await request;
      const frames = await Promise.all(sides.map((side) => loadFrames(app, side.world)));
      if (turn !== view.turn) return;
      view.sides = sides.map((side, k) => ({ ...side, frames: frames[k] }));
      clear(status);
      content.hidden = false;
      content.classList.remove('previous');
      clear(figures).append(figuresTable(view.sides, app.country.units));
      redraw();
    } catch (error) {
      if (turn === view.turn) clear(status).append(errorBox(error));
    }
  }

  function redraw() {
    if (node.hidden || !view.sides) return;
    const state = getState();
    const scale = sharedScale(app, view, sharedLayer(state, view.sides));
    setText(caption, t('accounts.maps-show', { layer: layerName(sharedLayer(state, view.sides)), moment: dayAndTime(state.hour) }));
    view.sides.forEach((side, k) => maps[k].draw(side, state, scale));
  }

  onTheme(redraw);
  return { node, show, redraw };
}

/** The layer of the large map if both worlds have it, otherwise the crowd. */
function sharedLayer(state, sides) {
  return sides.every((side) => side.frames.has(state.layer)) ? state.layer : 'crowd';
}

/** One scale for both maps, from the values of both worlds. */
function sharedScale(app, view, layer) {
  if (view.scale?.layer === layer && view.scaled === view.sides) return view.scale;
  const framesOf = (name) => view.sides.flatMap(({ frames }) => (frames.has(name) ? [{ frames: frames.get(name), member: null }] : []));
  view.scaled = view.sides;
  view.scale = createScale({
    layer, show: 'median', difference: false, units: app.country.units,
    frames: framesOf(layer), circleFrames: framesOf(circleLayer(layer)),
  });
  return view.scale;
}

async function loadFrames(app, world) {
  const { layer } = getState();
  const layers = [...new Set(['crowd', 'deaths', layer])].filter((each) => world.layers.includes(each));
  const frames = await Promise.all(layers.map((each) => app.worlds.frames(world.key, 'base', each)));
  return new Map(layers.map((each, k) => [each, frames[k]]));
}

let mapCount = 0;

function smallMap(app) {
  const map = createMap(app.country, { live: false, id: `comparison-map-${(mapCount += 1)}` });
  const title = h('figcaption');
  map.node.setAttribute('role', 'img');
  let drawnInk = null;
  return {
    node: h('figure', null, title, map.node),
    draw({ name, frames }, state, scale) {
      const { layer, circleLayer: circles } = scale;
      const palette = colours();
      if (drawnInk !== palette.ink) map.scale(MAP_WIDTH, undefined, palette);
      drawnInk = palette.ink;
      setText(title, name);
      map.node.setAttribute('aria-label', t('accounts.map-of', { name, layer: layerName(layer), moment: dayAndTime(state.hour) }));
      const plain = { ...state, show: 'median' };
      map.update({
        layer,
        difference: false,
        value: valueReader(plain, layer, frames.get(layer) ?? null),
        scale,
        circle: valueReader(plain, circles, frames.get(circles) ?? null),
        shutdown: null,
        troops: null,
        selected: state.unit,
        colours: palette,
      });
    },
  };
}

function figuresTable(sides, units) {
  const country = units.length - 1;
  const rows = [
    ['deaths', (side) => finalDeaths(side.frames.get('deaths'), country)],
    ['peak', (side) => {
      const frames = side.frames.get('crowd');
      return frames ? num(Math.max(...frames.series(MEDIAN, country))) : t('common.none');
    }],
    ['last-day', (side) => {
      const score = side.world.scores?.find((each) => each.variable === 'last_day' && each.level === 'country');
      return formatQuantity('last_day', 'day', score?.q50 ?? null);
    }],
    ['hits', (side) => targetTally(side.world, 'fit')],
    ['held', (side) => targetTally(side.world, 'held')],
  ];
  return h('table', { class: 'numbers plain-table' },
    h('caption', { class: 'aside' }, t('accounts.numbers', { place: units[country].label })),
    h('thead', null, h('tr', null, h('td'), sides.map((side) => h('th', { scope: 'col' }, side.name)))),
    h('tbody', null, rows.map(([name, of]) => h('tr', null,
      h('th', { scope: 'row' }, t(`accounts.number.${name}`)),
      sides.map((side) => h('td', { class: 'n' }, of(side)))))));
}

function finalDeaths(frames, unit) {
  if (!frames) return t('common.none');
  const at = (quantile) => num(frames.at(quantile, frames.hours - 1, unit));
  return t('accounts.with-range', { value: at(MEDIAN), low: at(0), high: at(frames.quantiles - 1) });
}

function targetTally(world, use) {
  const tally = world.tally?.[use];
  if (!tally) return t('common.none');
  return t('accounts.tally', { hit: tally.hit, count: tally.hit + tally.near + tally.miss });
}
