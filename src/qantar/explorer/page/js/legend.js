/**
 * Legends of the map on the page, and of the map and the timeline in downloaded figures.
 */
import { h, svg } from './dom.js';
import { shownSide } from './frames.js';
import { formatValue, layerName, scaleOf } from './layers.js';
import { crowdRadius } from './map.js';
import { getState } from './state.js';
import { exact, num, percent, t } from './texts.js';

/** Crowds whose circles are shown. */
const CROWDS = [100, 1_000, 10_000];

/**
 * Draw the legend of the map on the page: shades, circles and symbols.
 * @param {HTMLElement} root
 * @param {{layer: string, difference: boolean, spread: boolean, zoom: number, colours: Object}} what
 *   `zoom` is map units per pixel
 */
export function drawLegend(root, { layer, difference, spread, zoom, colours }) {
  // The legend of a difference is too wide for a corner of the map and stands below it.
  root.parentElement.classList.toggle('legend-beneath', difference);
  root.replaceChildren(
    difference ? differenceLegend(layer, colours) : shadeLegend(layer, spread, colours),
    circleLegend(difference, zoom, colours),
    difference ? '' : symbolLegend(colours),
  );
}

function shadeLegend(layer, spread, colours) {
  const { breaks, share } = scaleOf(layer);
  const bounds = breaks.map((bound) => (share ? percent(bound) : exact(bound)));
  return legendPart('shades', shadeTitle(layer, false, spread), h('div', { class: 'legend-steps', role: 'img', 'aria-label': t('layer.steps', { from: bounds[0], to: bounds.at(-1) }) },
    colours.heat.map((colour, k) => h('span', { class: 'legend-step' },
      h('i', { style: { background: colour } }), k ? h('b', null, bounds[k - 1]) : null))));
}

function shadeTitle(layer, difference, spread) {
  const { per } = scaleOf(layer);
  const values = { name: layerName(layer), per: per ?? 0 };
  if (difference) return t(per ? 'layer.difference-per' : 'layer.difference', values);
  if (spread) return t(per ? 'layer.spread-of-per' : 'layer.spread-of', values);
  return t(per ? 'layer.per' : 'layer.plain', values);
}

function differenceLegend(layer, colours) {
  const [, middle, far] = scaleOf(layer).differenceBreaks;
  const bounds = [-far, -middle, null, null, null, middle, far];
  return legendPart('shades', shadeTitle(layer, true, false),
    h('div', { class: 'legend-difference' },
      h('span', null, t('layer.fewer')),
      h('div', { class: 'legend-steps' }, colours.diverging.map((colour, k) => h('span', { class: 'legend-step' },
        h('i', { style: { background: colour } }),
        bounds[k] === null ? null : h('b', { class: 'middle' }, formatValue(layer, bounds[k], true))))),
      h('span', null, t('layer.more'))));
}

function circleLegend(difference, zoom, colours) {
  const sizes = CROWDS.map((crowd) => crowdRadius(crowd, zoom) / zoom);
  const height = 2 * sizes.at(-1) + 4;
  let x = 2;
  const drawn = sizes.map((r, k) => {
    const at = x + r;
    x += 2 * r + 8;
    const label = svg('text', { x: x - 4, y: height / 2 + 4, 'font-size': 11.5, fill: colours.ink }, num(CROWDS[k]));
    x += 12 + num(CROWDS[k]).length * 7;
    const colour = difference ? colours.muted : colours.blue;
    return [svg('circle', { cx: at, cy: height / 2, r, fill: colour, 'fill-opacity': 0.82 }), label];
  });
  return legendPart('circles', t(difference ? 'layer.circles-apart' : 'layer.circles'),
    svg('svg', { width: x, height, viewBox: `0 0 ${x} ${height}`, 'aria-hidden': 'true' }, drawn));
}

function symbolLegend(colours) {
  const lines = [0, 6, 12, 18].map((at) => svg('path', {
    d: `M${at} 14 L${at + 12} 2`, stroke: colours.ink, 'stroke-width': 1.3, 'stroke-opacity': 0.5,
  }));
  return h('ul', { class: 'legend-marks' },
    h('li', null, svg('svg', { width: 28, height: 16, 'aria-hidden': 'true' }, svg('rect', {
      x: 0.5, y: 0.5, width: 27, height: 15, fill: colours.land, stroke: colours.border,
    }), lines), t('layer.hatched')),
    h('li', null, svg('svg', { width: 14, height: 14, 'aria-hidden': 'true' }, svg('path', {
      d: 'M2 12 L7 3 L12 12 Z', fill: colours.ink,
    })), t('layer.present')));
}

function legendPart(name, title, drawing) {
  return h('div', { class: `legend-part legend-${name}` }, h('p', null, title), drawing);
}

// Legends of downloaded figures

const STEP_WIDTH = 58;
const FONT_SIZE = 13;
const CIRCLES_LEFT = 640;
const LEGEND_WIDTH = 1136;
const ROW_HEIGHT = 24;

/**
 * Legend of the map in a downloaded figure: shades with their bounds, and circles with their crowds.
 * @param {{layer: string, difference: boolean, spread: boolean, zoom: number, scale: number,
 *   colours: Object}} what `zoom` is map units per pixel of the page, `scale` pixels of the figure
 *   per map unit
 * @returns {{node: SVGElement, height: number}}
 */
export function figureLegend({ layer, difference, spread, zoom, scale, colours }) {
  const sizes = CROWDS.map((crowd) => crowdRadius(crowd, zoom) * scale);
  const height = Math.max(64, 2 * sizes.at(-1) + 24);
  const drawText = (x, y, text, more = {}) => svg('text', { x, y, 'font-size': FONT_SIZE, fill: colours.ink, ...more }, text);
  return {
    height,
    node: svg('g', null,
      drawText(0, FONT_SIZE, shadeTitle(layer, difference, spread)),
      (difference ? colours.diverging : colours.heat).map((fill, k) => svg('rect', {
        x: k * STEP_WIDTH, y: 22, width: STEP_WIDTH - 2, height: 14, fill, stroke: colours.border, 'stroke-width': 0.6,
      })),
      shadeBounds(layer, difference).map(([x, text]) => drawText(x, 52, text, { 'text-anchor': 'middle' })),
      drawText(CIRCLES_LEFT, FONT_SIZE, t(difference ? 'layer.circles-apart' : 'layer.circles')),
      crowdCircles(sizes, difference, colours, drawText)),
  };
}

/**
 * Legend of the timeline in a downloaded figure: lines, bands and bars.
 * @param {Object} app
 * @param {Object} colours
 * @returns {{node: SVGElement, height: number}}
 */
export function timelineFigureLegend(app, colours) {
  const state = getState();
  const difference = shownSide(state, app.world()) === 'difference';
  const stroke = (colour, more) => svg('path', { d: 'M0 -5H30', stroke: colour, 'stroke-width': 2, fill: 'none', ...more });
  const band = svg('g', null,
    svg('rect', { y: -13, width: 30, height: 16, fill: colours.band }),
    svg('rect', { y: -9, width: 30, height: 8, fill: colours['band-core'] }));
  const showsMember = app.frames.member(state.layer) && state.show === 'member';
  const items = [
    [stroke(colours.blue), t(difference ? 'timeline.key-difference' : 'timeline.key-median')],
    [band, t(difference ? 'download.key-pairs' : 'timeline.key-band')],
    showsMember && [stroke(colours.ink, { 'stroke-width': 1.1 }), t('timeline.key-single', { number: state.member + 1 })],
    app.frames.comparison() && [stroke(colours.comparison, { 'stroke-dasharray': '5 3' }), app.comparisonName()],
    !difference && [stroke(colours.vermilion, { d: 'M15 -12V2M11 -12h8M11 2h8' }), t('timeline.key-report')],
  ].filter(Boolean);
  let [x, y] = [0, FONT_SIZE];
  const drawn = items.map(([mark, text]) => {
    const width = 38 + text.length * FONT_SIZE * 0.58 + 28;
    if (x > 0 && x + width > LEGEND_WIDTH) [x, y] = [0, y + ROW_HEIGHT];
    const node = svg('g', { transform: `translate(${x} ${y})` }, mark, svg('text', { x: 38, 'font-size': FONT_SIZE, fill: colours.ink }, text));
    x += width;
    return node;
  });
  return { height: y + FONT_SIZE / 2, node: svg('g', null, drawn) };
}

function shadeBounds(layer, difference) {
  const { breaks, share, differenceBreaks } = scaleOf(layer);
  if (!difference) return breaks.map((bound, k) => [(k + 1) * STEP_WIDTH - 1, share ? percent(bound) : exact(bound)]);
  const [, middle, far] = differenceBreaks;
  return [[0, -far], [1, -middle], [5, middle], [6, far]]
    .map(([k, bound]) => [(k + 0.5) * STEP_WIDTH, formatValue(layer, bound, true)]);
}

function crowdCircles(sizes, difference, colours, drawText) {
  let x = CIRCLES_LEFT;
  return sizes.map((r, k) => {
    const text = num(CROWDS[k]);
    const at = x + r;
    x += 2 * r + 22 + text.length * 8;
    return [
      svg('circle', { cx: at, cy: 22 + sizes.at(-1), r, fill: difference ? colours.muted : colours.blue, 'fill-opacity': 0.82 }),
      drawText(at + r + 6, 26 + sizes.at(-1), text),
    ];
  });
}
