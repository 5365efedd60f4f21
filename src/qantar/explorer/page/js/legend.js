/**
 * What shades, circles and marks mean.
 */
import { h, svg } from './dom.js';
import { inWords, layerName, scaleOf } from './layers.js';
import { radius } from './map.js';
import { exact, num, percent, t } from './texts.js';

const CROWDS = [100, 1_000, 10_000];

/**
 * @param {HTMLElement} root
 * @param {{layer: string, difference: boolean, spread: boolean, zoom: number, colours: Object}} what
 *   `zoom` is map units per pixel
 */
export function drawLegend(root, { layer, difference, spread, zoom, colours }) {
  // A difference has the widest key and no marks: beneath the map it covers nothing.
  root.parentElement.classList.toggle('legend-beneath', difference);
  root.replaceChildren(
    difference ? apartKey(layer, colours) : shadeKey(layer, spread, colours),
    circleKey(difference, zoom, colours),
    difference ? '' : markKey(colours),
  );
}

function shadeKey(layer, spread, colours) {
  const { breaks, share, per } = scaleOf(layer);
  const bounds = breaks.map((bound) => (share ? percent(bound) : exact(bound)));
  return key('shades', t(shadesOf(spread, per), {
    name: layerName(layer), per: per ?? 0,
  }), h('div', { class: 'legend-steps', role: 'img', 'aria-label': t('layer.steps', { from: bounds[0], to: bounds.at(-1) }) },
    colours.heat.map((colour, k) => h('span', { class: 'legend-step' },
      h('i', { style: { background: colour } }), k ? h('b', null, bounds[k - 1]) : null))));
}

function shadesOf(spread, per) {
  if (spread) return per ? 'layer.spread-of-per' : 'layer.spread-of';
  return per ? 'layer.per' : 'layer.plain';
}

function apartKey(layer, colours) {
  const [, middle, far] = scaleOf(layer).apart;
  const per = scaleOf(layer).per;
  const bounds = [-far, -middle, null, null, null, middle, far];
  return key('shades', t(per ? 'layer.difference-per' : 'layer.difference', { name: layerName(layer), per: per ?? 0 }),
    h('div', { class: 'legend-apart' },
      h('span', null, t('layer.fewer')),
      h('div', { class: 'legend-steps' }, colours.apart.map((colour, k) => h('span', { class: 'legend-step' },
        h('i', { style: { background: colour } }),
        bounds[k] === null ? null : h('b', { class: 'middle' }, inWords(layer, bounds[k], true))))),
      h('span', null, t('layer.more'))));
}

function circleKey(difference, zoom, colours) {
  const sizes = CROWDS.map((crowd) => radius(crowd, zoom) / zoom);
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
  return key('circles', t(difference ? 'layer.circles-apart' : 'layer.circles'),
    svg('svg', { width: x, height, viewBox: `0 0 ${x} ${height}`, 'aria-hidden': 'true' }, drawn));
}

function markKey(colours) {
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

function key(name, title, drawing) {
  return h('div', { class: `legend-part legend-${name}` }, h('p', null, title), drawing);
}
