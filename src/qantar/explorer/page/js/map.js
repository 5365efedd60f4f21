/**
 * The map: regions shaded, towns as circles as large as their crowd.
 */
import { unitName } from './captions.js';
import { put, svg } from './dom.js';
import { placeLabels } from './labels.js';
import { shade, shadeApart } from './layers.js';

/** Crowds below this are drawn as a mere dot. */
const SEEN = 1;
const PER_PERSON = 0.34;
/** Share of the normal traffic cut from which a region is hatched. */
const CUT = 0.5;
const PRESENT = 0.5;

/**
 * @typedef {Object} View
 * @property {string} layer
 * @property {boolean} difference
 * @property {(unit: number) => number} value of the layer
 * @property {(unit: number) => number} crowd or its difference
 * @property {((unit: number) => number)|null} shutdown
 * @property {((unit: number) => number)|null} troops
 * @property {string|null} selected id of a unit
 * @property {Object} colours as `theme.colours()` gives them
 */

/**
 * Draw one map that does not change, for side by side views and for files.
 * @param {View & {country: Object, label: string, width?: number,
 *   rank?: (unit: number) => number}} options `width` is the width on the page in pixels
 * @returns {SVGElement}
 */
export function drawMap(options) {
  const map = createMap(options.country, { live: false, id: `map-${(drawn += 1)}` });
  map.scale(options.width ?? 1000, options.rank, options.colours);
  map.update(options);
  map.node.setAttribute('role', 'img');
  map.node.setAttribute('aria-label', options.label);
  return map.node;
}

let drawn = 0;

/**
 * The radius of a crowd's circle, in the units of the map.
 * @param {number} crowd
 * @param {number} zoom user units per pixel
 * @returns {number}
 */
export function radius(crowd, zoom = 1) {
  return Math.sqrt(Math.abs(crowd)) * PER_PERSON * Math.min(Math.sqrt(zoom), 1.5);
}

/**
 * @param {Object} country payload of the server
 * @param {{live?: boolean, id?: string}} [options] whether it can be reached by keyboard
 * @returns {{node: SVGElement, update: (view: View) => void,
 *   scale: (width: number, rank: Function|undefined, colours: Object) => void,
 *   shapes: Map<number, SVGElement>}}
 */
export function createMap(country, { live = true, id = 'map' } = {}) {
  const [width, height] = country.viewbox;
  const parts = { regions: regionShapes(country, live, id), towns: townShapes(country, live) };
  const hatch = hatching(id);
  const layers = {
    labels: svg('g', { class: 'map-labels', 'aria-hidden': 'true', 'pointer-events': 'none' }),
    marks: svg('g', { 'aria-hidden': 'true', 'pointer-events': 'none' }),
    outline: svg('g', { 'aria-hidden': 'true', 'pointer-events': 'none' }),
  };
  const node = svg('svg', {
    viewBox: `-8 -8 ${width + 16} ${height + 16}`,
    role: 'group',
    class: 'map',
    tabindex: '-1',
    focusable: 'false',
    xmlns: 'http://www.w3.org/2000/svg',
    'font-family': 'system-ui, sans-serif',
  }, svg('defs', null, hatch.pattern), [...parts.regions.values()].map((r) => r.group),
  layers.outline, [...parts.towns.values()].map((each) => each.group), layers.marks, layers.labels);
  const frame = { country, parts, layers, hatch, zoom: 1, outlined: null, named: new Set() };
  return {
    node,
    shapes: new Map([...parts.regions, ...parts.towns].map(([unit, each]) => [unit, each.group])),
    update: (view) => update(frame, view),
    scale: (pixels, rank, colours) => {
      frame.zoom = (width + 16) / Math.max(pixels, 1);
      placeLabels(frame, rank, colours);
    },
  };
}

function update(frame, view) {
  put(frame.hatch.lines, 'stroke', view.colours.ink);
  for (const [unit, region] of frame.parts.regions) drawRegion(frame, view, unit, region);
  for (const [unit, town] of frame.parts.towns) drawTown(frame, view, unit, town);
  outline(frame, view);
}

function drawRegion(frame, view, unit, region) {
  const { population } = frame.country.units[unit];
  put(region.group, 'fill', fillOf(view, view.value(unit), population));
  put(region.group, 'stroke', view.colours.border);
  const cut = view.shutdown && !view.difference && view.shutdown(unit) >= CUT;
  put(region.hatch, 'visibility', cut ? 'visible' : 'hidden');
}

function drawTown(frame, view, unit, town) {
  const crowd = view.crowd(unit);
  const size = Math.abs(crowd) >= SEEN ? radius(crowd, frame.zoom) : 0;
  const chosen = frame.country.units[unit].id === view.selected;
  put(town.circle, 'r', Math.max(size, (chosen ? 5 : 2) * frame.zoom).toFixed(1));
  put(town.circle, 'fill', size ? townFill(frame, view, unit, crowd) : view.colours.muted);
  put(town.circle, 'fill-opacity', size ? 0.82 : 0.55);
  put(town.circle, 'stroke', view.layer === 'crowd' && !chosen ? view.colours.halo : view.colours.ink);
  put(town.circle, 'stroke-width', ((chosen ? 2.6 : size ? 1 : 0) * frame.zoom).toFixed(2));
  // Troops are ordered for whole regions: marks at the named towns say so without clutter.
  const here = view.troops && !view.difference && frame.named.has(unit) && view.troops(unit) >= PRESENT;
  put(town.mark, 'visibility', here ? 'visible' : 'hidden');
  if (here) {
    put(town.mark, 'fill', view.colours.ink);
    put(town.mark, 'stroke', view.colours.halo);
    put(town.mark, 'transform', `translate(${town.x} ${town.y - size}) scale(${frame.zoom})`);
  }
}

function townFill(frame, view, unit, crowd) {
  if (view.difference && view.layer === 'crowd') return view.colours.apart[crowd > 0 ? 6 : 0];
  if (view.layer === 'crowd') return view.colours.blue;
  return fillOf(view, view.value(unit), frame.country.units[unit].population);
}

function fillOf(view, value, population) {
  return view.difference
    ? view.colours.apart[shadeApart(view.layer, value, population)]
    : view.colours.heat[shade(view.layer, value, population)];
}

function outline(frame, view) {
  if (frame.outlined === `${view.selected}${view.colours.ink}${frame.zoom}`) return;
  frame.outlined = `${view.selected}${view.colours.ink}${frame.zoom}`;
  const unit = frame.country.units.findIndex((each) => each.id === view.selected);
  const paths = frame.parts.regions.get(unit)?.paths ?? [];
  frame.layers.outline.replaceChildren(...paths.map((d) => svg('path', {
    d, fill: 'none', stroke: view.colours.ink, 'stroke-width': 2.2 * frame.zoom, 'stroke-linejoin': 'round',
  })));
}

function regionShapes(country, live, id) {
  const shapes = new Map();
  country.units.forEach((each, unit) => {
    if (each.kind !== 'region') return;
    const paths = country.outlines.filter((o) => o.region === each.region).map((o) => o.path);
    const hatch = svg('g', { visibility: 'hidden', 'pointer-events': 'none', stroke: 'none' },
      paths.map((d) => svg('path', { d, fill: `url(#${id}-hatch)` })));
    const group = svg('g', reach(live, each), paths.map((d) => svg('path', {
      d, 'stroke-width': 0.8, 'stroke-linejoin': 'round', 'vector-effect': 'non-scaling-stroke',
    })), hatch);
    shapes.set(unit, { group, hatch, paths });
  });
  return shapes;
}

function townShapes(country, live) {
  const shapes = new Map();
  country.units.forEach((each, unit) => {
    if (each.kind !== 'place' || !each.town || each.x === null) return;
    const circle = svg('circle', { cx: each.x, cy: each.y, r: 2 });
    const mark = svg('path', {
      d: 'M-4.5 -3 L0 -11 L4.5 -3 Z', 'stroke-width': 1, visibility: 'hidden',
      transform: `translate(${each.x} ${each.y})`,
    });
    shapes.set(unit, {
      group: svg('g', reach(live, each), circle, mark), circle, mark, x: each.x, y: each.y,
    });
  });
  return shapes;
}

function reach(live, unit) {
  return live
    ? { 'data-unit': unit.id, role: 'button', tabindex: '-1', class: 'map-unit', 'aria-label': unitName(unit) }
    : { 'data-unit': unit.id };
}

function hatching(id) {
  const lines = svg('path', { d: 'M0 0V6', 'stroke-width': 1.6, 'stroke-opacity': 0.3 });
  const pattern = svg('pattern', {
    id: `${id}-hatch`, width: 6, height: 6, patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)',
  }, lines);
  return { pattern, lines };
}
