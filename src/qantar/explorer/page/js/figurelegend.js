/**
 * The keys of figures that are kept as files.
 */
import { svg } from './dom.js';
import { inWords, layerName, scaleOf } from './layers.js';
import { radius } from './map.js';
import { getState } from './state.js';
import { exact, num, percent, t } from './texts.js';
import { sideOf } from './view.js';

const CROWDS = [100, 1_000, 10_000];
const STEP = 58;
const SIZE = 13;
const RIGHT = 640;
const WIDE = 1136;
const ROW = 24;

/**
 * Shades with their bounds, and circles with the crowds they stand for.
 * @param {{layer: string, difference: boolean, spread: boolean, zoom: number, scale: number,
 *   colours: Object}} what `zoom` is map units per pixel of the page, `scale` pixels of the figure
 *   per map unit
 * @returns {{node: SVGElement, height: number}}
 */
export function figureLegend({ layer, difference, spread, zoom, scale, colours }) {
  const sizes = CROWDS.map((crowd) => radius(crowd, zoom) * scale);
  const height = Math.max(64, 2 * sizes.at(-1) + 24);
  const text = (x, y, words, more = {}) => svg('text', { x, y, 'font-size': SIZE, fill: colours.ink, ...more }, words);
  return {
    height,
    node: svg('g', null,
      text(0, SIZE, shadeTitle(layer, difference, spread)),
      (difference ? colours.apart : colours.heat).map((fill, k) => svg('rect', {
        x: k * STEP, y: 22, width: STEP - 2, height: 14, fill, stroke: colours.border, 'stroke-width': 0.6,
      })),
      bounds(layer, difference).map(([x, words]) => text(x, 52, words, { 'text-anchor': 'middle' })),
      text(RIGHT, SIZE, t(difference ? 'layer.circles-apart' : 'layer.circles')),
      circles(sizes, difference, colours, text)),
  };
}

/**
 * Lines, bands and bars of the timeline with their names.
 * @param {Object} app
 * @param {Object} colours
 * @returns {{node: SVGElement, height: number}}
 */
export function timelineKey(app, colours) {
  const state = getState();
  const difference = sideOf(state, app.world()) === 'difference';
  const stroke = (colour, more) => svg('path', { d: 'M0 -5H30', stroke: colour, 'stroke-width': 2, fill: 'none', ...more });
  const single = app.view.single(state.layer) && state.show === 'member';
  const items = [
    [stroke(colours.blue), t(difference ? 'timeline.key-difference' : 'timeline.key-median')],
    [bandSwatch(colours), t(difference ? 'download.key-pairs' : 'timeline.key-band')],
    single && [stroke(colours.ink, { 'stroke-width': 1.1 }), t('timeline.key-single', { number: state.member })],
    app.view.second() && [stroke(colours.second, { 'stroke-dasharray': '5 3' }), app.secondName()],
    !difference && [stroke(colours.vermilion, { d: 'M15 -12V2M11 -12h8M11 2h8' }), t('timeline.key-report')],
  ].filter(Boolean);
  let [x, y] = [0, SIZE];
  const drawn = items.map(([mark, words]) => {
    const wide = 38 + words.length * SIZE * 0.58 + 28;
    if (x > 0 && x + wide > WIDE) [x, y] = [0, y + ROW];
    const node = svg('g', { transform: `translate(${x} ${y})` }, mark, svg('text', { x: 38, 'font-size': SIZE, fill: colours.ink }, words));
    x += wide;
    return node;
  });
  return { height: y + SIZE / 2, node: svg('g', null, drawn) };
}

function bandSwatch(colours) {
  return svg('g', null,
    svg('rect', { y: -13, width: 30, height: 16, fill: colours.band }),
    svg('rect', { y: -9, width: 30, height: 8, fill: colours['band-core'] }));
}

function shadeTitle(layer, difference, spread) {
  const { per } = scaleOf(layer);
  const values = { name: layerName(layer), per: per ?? 0 };
  if (difference) return t(per ? 'layer.difference-per' : 'layer.difference', values);
  return t(spread ? 'layer.spread-of' : per ? 'layer.per' : 'layer.plain', values);
}

function bounds(layer, difference) {
  const { breaks, share, apart } = scaleOf(layer);
  if (!difference) return breaks.map((bound, k) => [(k + 1) * STEP - 1, share ? percent(bound) : exact(bound)]);
  const [, middle, far] = apart;
  return [[0, -far], [1, -middle], [5, middle], [6, far]]
    .map(([k, bound]) => [(k + 0.5) * STEP, inWords(layer, bound, true)]);
}

function circles(sizes, difference, colours, text) {
  let x = RIGHT;
  return sizes.map((r, k) => {
    const words = num(CROWDS[k]);
    const at = x + r;
    x += 2 * r + 22 + words.length * 8;
    return [
      svg('circle', { cx: at, cy: 22 + sizes.at(-1), r, fill: difference ? colours.muted : colours.blue, 'fill-opacity': 0.82 }),
      text(at + r + 6, 26 + sizes.at(-1), words),
    ];
  });
}
