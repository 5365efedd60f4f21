/**
 * Two worlds beside each other: two small maps on the same scale and hour, and their numbers.
 */
import { clear, h, say } from './dom.js';
import { valueReader } from './frames.js';
import { layerName } from './layers.js';
import { createMap } from './map.js';
import { problem } from './problems.js';
import { valueOf } from './quantities.js';
import { getState } from './state.js';
import { moment, num, t } from './texts.js';
import { colours, onTheme } from './theme.js';

const WIDTH = 320;
const MIDDLE = 2;

/**
 * @typedef {Object} Side
 * @property {string} name what it is called
 * @property {Object} world its payload
 */

/**
 * @param {Object} app
 * @returns {{node: HTMLElement, show: (sides: Promise<[Side, Side]>|null) => Promise<void>,
 *   redraw: () => void}}
 */
export function besides(app) {
  const caption = h('p', { class: 'aside' });
  const maps = [0, 1].map(() => oneMap(app));
  const numbers = h('div');
  const trouble = h('div', { role: 'status' });
  const shown = h('div', { hidden: true }, caption,
    h('div', { class: 'two-maps' }, maps.map((map) => map.node)), numbers);
  const node = h('div', { class: 'besides', hidden: true }, trouble, shown);
  const view = { sides: null, turn: 0 };

  async function show(asked) {
    const turn = (view.turn += 1);
    node.hidden = asked === null;
    if (asked === null) return;
    shown.classList.toggle('previous', view.sides !== null);
    clear(trouble).append(h('p', { class: 'aside' }, t('accounts.working')));
    try {
      const sides = await asked;
      const frames = await Promise.all(sides.map((side) => load(app, side.world)));
      if (turn !== view.turn) return;
      view.sides = sides.map((side, k) => ({ ...side, frames: frames[k] }));
      clear(trouble);
      shown.hidden = false;
      shown.classList.remove('previous');
      clear(numbers).append(numberTable(view.sides, app.country.units));
      redraw();
    } catch (error) {
      if (turn === view.turn) clear(trouble).append(problem(error));
    }
  }

  function redraw() {
    if (node.hidden || !view.sides) return;
    const state = getState();
    say(caption, t('accounts.maps-show', { layer: layerName(layerOf(state, view.sides)), moment: moment(state.hour) }));
    view.sides.forEach((side, k) => maps[k].draw(side, state, layerOf(state, view.sides)));
  }

  onTheme(redraw);
  return { node, show, redraw };
}

/** The layer of the large map, if both worlds record it. */
function layerOf(state, sides) {
  return sides.every((side) => side.frames.has(state.layer)) ? state.layer : 'crowd';
}

async function load(app, world) {
  const { layer } = getState();
  const wanted = [...new Set(['crowd', 'deaths', layer])].filter((each) => world.layers.includes(each));
  const frames = await Promise.all(wanted.map((each) => app.worlds.frames(world.key, 'base', each)));
  return new Map(wanted.map((each, k) => [each, frames[k]]));
}

let made = 0;

function oneMap(app) {
  const map = createMap(app.country, { live: false, id: `beside-${(made += 1)}` });
  const title = h('figcaption');
  map.node.setAttribute('role', 'img');
  const drawn = { ink: null };
  return {
    node: h('figure', null, title, map.node),
    draw({ name, frames }, state, layer) {
      const palette = colours();
      if (drawn.ink !== palette.ink) map.scale(WIDTH, undefined, palette);
      drawn.ink = palette.ink;
      say(title, name);
      map.node.setAttribute('aria-label', t('accounts.map-of', { name, layer: layerName(layer), moment: moment(state.hour) }));
      const plain = { ...state, show: 'median' };
      map.update({
        layer,
        difference: false,
        value: valueReader(plain, layer, frames.get(layer) ?? null),
        crowd: valueReader(plain, 'crowd', frames.get('crowd') ?? null),
        shutdown: null,
        troops: null,
        selected: state.unit,
        colours: palette,
      });
    },
  };
}

function numberTable(sides, units) {
  const country = units.length - 1;
  const rows = [
    ['deaths', (side) => ends(side.frames.get('deaths'), country)],
    ['peak', (side) => peak(side.frames.get('crowd'), country)],
    ['last-day', (side) => lastDay(side.world)],
    ['hits', (side) => hits(side.world, 'fit')],
    ['held', (side) => hits(side.world, 'held')],
  ];
  return h('table', { class: 'numbers plain-table' },
    h('caption', { class: 'aside' }, t('accounts.numbers', { place: units[country].label })),
    h('thead', null, h('tr', null, h('td'), sides.map((side) => h('th', { scope: 'col' }, side.name)))),
    h('tbody', null, rows.map(([name, of]) => h('tr', null,
      h('th', { scope: 'row' }, t(`accounts.number.${name}`)),
      sides.map((side) => h('td', { class: 'n' }, of(side)))))));
}

function ends(frames, unit) {
  if (!frames) return t('common.none');
  const at = (part) => num(frames.at(part, frames.hours - 1, unit));
  return t('accounts.with-range', { value: at(MIDDLE), low: at(0), high: at(frames.parts - 1) });
}

function peak(frames, unit) {
  return frames ? num(Math.max(...frames.series(MIDDLE, unit))) : t('common.none');
}

function lastDay(world) {
  const found = world.scores?.find((each) => each.variable === 'last_day' && each.level === 'country');
  return valueOf('last_day', 'day', found?.q50 ?? null);
}

function hits(world, use) {
  const tally = world.tally?.[use];
  if (!tally) return t('common.none');
  return t('accounts.tally', { hit: tally.hit, count: tally.hit + tally.near + tally.miss });
}
