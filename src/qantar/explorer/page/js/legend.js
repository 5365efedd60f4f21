/**
 * Legends of the map on the page, and of the map and the timeline in downloaded figures.
 */
import { h, svg } from './dom.js';
import { shownSide } from './frames.js';
import { formatValue, isShare, layerName, ratePer } from './layers.js';
import { CUT_EDGE } from './map.js';
import { circleFill, circleRadius, classColour } from './scales.js';
import { getState } from './state.js';
import { exact, num, percent, t } from './texts.js';

/**
 * Draw the legend of the map on the page: classes, circles and symbols.
 * @param {HTMLElement} root
 * @param {{scale: import('./scales.js').Scale, spread: boolean, zoom: number, colours: Object}} what
 *   `zoom` is map units per pixel
 */
export function drawLegend(root, { scale, spread, zoom, colours }) {
  root.replaceChildren(
    scale.difference ? differenceLegend(scale, colours) : classLegend(scale, spread, colours),
    circleLegend(scale, zoom, colours),
    scale.difference ? '' : symbolLegend(colours),
  );
}

function classLegend(scale, spread, colours) {
  const bounds = scale.breaks.map((bound) => boundText(scale, bound));
  return legendPart('classes', legendTitle(scale, spread), h('div', { class: 'legend-steps', role: 'img', 'aria-label': t('layer.steps', { from: bounds[0], to: bounds.at(-1) }) },
    [null, ...bounds].map((bound, step) => h('span', { class: 'legend-step' },
      h('i', { style: { background: classColour(scale, step, colours) } }), bound && h('b', null, bound)))));
}

function boundText({ layer }, bound) {
  return isShare(layer) ? percent(bound) : exact(bound);
}

/** What the colours show, with the unit. */
function legendTitle({ layer, difference }, spread) {
  const values = { name: layerName(layer), unit: t(`layer.${layer}.unit`, { per: ratePer(layer) ?? 0 }) };
  if (difference) return t('layer.legend-difference', values);
  return t(spread ? 'layer.legend-spread' : 'layer.legend', values);
}

/** Steps of a difference from the most negative to the most positive, each with its bound. */
function differenceSteps({ breaks }) {
  const count = breaks.length;
  return Array.from({ length: 2 * count + 1 }, (_, k) => {
    const step = k - count;
    return { step, bound: step ? Math.sign(step) * breaks[Math.abs(step) - 1] : null };
  });
}

function differenceLegend(scale, colours) {
  return legendPart('classes', legendTitle(scale, false),
    h('div', { class: 'legend-difference' },
      h('span', null, t('layer.fewer')),
      h('div', { class: 'legend-steps' }, differenceSteps(scale).map(({ step, bound }) => h('span', { class: 'legend-step' },
        h('i', { style: { background: classColour(scale, step, colours) } }),
        bound === null ? null : h('b', { class: 'middle' }, formatValue(scale.layer, bound, true))))),
      h('span', null, t('layer.more'))));
}

function circleTitle({ circleLayer: layer, difference }) {
  return t(difference ? 'layer.circles-difference' : 'layer.circles', { name: layerName(layer) });
}

/** The circles of some values, as the map draws them, from left to right. */
function legendCircles(scale, zoom, factor, colours, { left, middle, gap, fontSize }) {
  let x = left;
  const nodes = scale.circles.map((value) => {
    const r = circleRadius(scale, value, zoom) * factor;
    const at = x + r;
    const text = num(value);
    x += 2 * r + gap + text.length * fontSize * 0.62;
    return [
      svg('circle', { cx: at, cy: middle, r, 'data-value': value, ...circleFill(scale, value, colours) }),
      svg('text', { x: at + r + 4, y: middle + fontSize * 0.35, 'font-size': fontSize, fill: colours.ink }, text),
    ];
  });
  return { nodes, width: x };
}

function circleLegend(scale, zoom, colours) {
  const height = 2 * Math.max(...scale.circles.map((value) => circleRadius(scale, value, zoom) / zoom)) + 4;
  const { nodes, width } = legendCircles(scale, zoom, 1 / zoom, colours, { left: 2, middle: height / 2, gap: 14, fontSize: 11.5 });
  return legendPart('circles', circleTitle(scale),
    svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' }, nodes));
}

function symbolLegend(colours) {
  return h('ul', { class: 'legend-marks' },
    h('li', null, svg('svg', { width: 28, height: 16, 'aria-hidden': 'true' }, svg('rect', {
      x: 1.5, y: 1.5, width: 25, height: 13, fill: colours.land, stroke: colours.ink, 'stroke-opacity': 0.75,
      'stroke-width': CUT_EDGE.width, 'stroke-dasharray': CUT_EDGE.dashes.join(' '),
    })), t('layer.cut')),
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
 * Legend of the map in a downloaded figure: classes with their bounds, and circles with their values.
 * @param {{scale: import('./scales.js').Scale, spread: boolean, zoom: number, factor: number,
 *   colours: Object}} what `zoom` is map units per pixel of the page, `factor` pixels of the figure per
 *   map unit
 * @returns {{node: SVGElement, height: number}}
 */
export function figureLegend({ scale, spread, zoom, factor, colours }) {
  const radius = Math.max(...scale.circles.map((value) => circleRadius(scale, value, zoom))) * factor;
  const drawText = (x, y, text, more = {}) => svg('text', { x, y, 'font-size': FONT_SIZE, fill: colours.ink, ...more }, text);
  const steps = scale.difference
    ? differenceSteps(scale).map(({ step, bound }) => ({ step, at: 0.5, text: bound === null ? '' : formatValue(scale.layer, bound, true) }))
    : [null, ...scale.breaks].map((bound, step) => ({ step, at: 0, text: bound === null ? '' : boundText(scale, bound) }));
  return {
    height: Math.max(64, 2 * radius + 24),
    node: svg('g', null,
      drawText(0, FONT_SIZE, legendTitle(scale, spread)),
      steps.map(({ step, at, text }, k) => [
        svg('rect', {
          x: k * STEP_WIDTH, y: 22, width: STEP_WIDTH - 2, height: 14, fill: classColour(scale, step, colours), stroke: colours.border, 'stroke-width': 0.6,
        }),
        drawText((k + at) * STEP_WIDTH - 1, 52, text, { 'text-anchor': 'middle' }),
      ]),
      drawText(CIRCLES_LEFT, FONT_SIZE, circleTitle(scale)),
      legendCircles(scale, zoom, factor, colours, { left: CIRCLES_LEFT, middle: 22 + radius, gap: 24, fontSize: FONT_SIZE }).nodes),
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
