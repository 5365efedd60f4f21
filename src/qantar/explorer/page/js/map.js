/**
 * The map: shaded regions, towns as circles, labels, and pointer and keyboard input.
 */
import { h, setAttr, setText, svg } from './dom.js';
import { rateOf } from './layers.js';
import { MIN_CIRCLE, circleFill, circleRadius, classColour, classOf } from './scales.js';
import { unitName } from './texts.js';

/** Share of normal traffic that is cut, from which the edge of a region is dashed. */
const SHUTDOWN_SHARE = 0.5;
/** Width and dashes of the edge of a region without communications, in pixels. */
export const CUT_EDGE = { width: 2.2, dashes: [6, 5] };
/** Share of full presence from which troops are marked. */
const TROOPS_PRESENT = 0.5;

/**
 * @typedef {Object} View
 * @property {string} layer
 * @property {boolean} difference
 * @property {(unit: number) => number} value of the layer by the index of a unit
 * @property {(unit: number) => number} circle value of the circle of a town
 * @property {import('./scales.js').Scale} scale
 * @property {((unit: number) => number)|null} shutdown
 * @property {((unit: number) => number)|null} troops
 * @property {string|null} selected id of a unit
 * @property {Object} colours as `theme.colours()` gives them
 */

/**
 * Create a map. It shows something after the first `scale` and `update`.
 * @param {Object} country payload of `/api/country`
 * @param {{live?: boolean, id?: string}} [options] `live` maps can be used by keyboard and pointer; `id`
 *   must be unique on the page
 * @returns {{node: SVGElement, update: (view: View) => void,
 *   scale: (width: number, rank: ((unit: number) => number)|undefined, colours: Object) => void,
 *   shapes: Map<number, SVGElement>}}
 */
export function createMap(country, { live = true, id = 'map' } = {}) {
  const [width, height] = country.viewbox;
  const parts = { regions: regionShapes(country, live, id), towns: townShapes(country, live) };
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
  }, svg('defs', null, [...parts.regions.values()].map((each) => each.clip)), [...parts.regions.values()].map((each) => each.group),
  layers.outline, [...parts.towns.values()].map((each) => each.group), layers.marks, layers.labels);
  const frame = { country, parts, layers, zoom: 1, outlined: null, named: new Set() };
  return {
    node,
    shapes: new Map([...parts.regions, ...parts.towns].map(([unit, each]) => [unit, each.group])),
    update: (view) => updateMap(frame, view),
    scale: (pixels, rank, colours) => {
      frame.zoom = (width + 16) / Math.max(pixels, 1);
      placeLabels(frame, rank, colours);
    },
  };
}

function updateMap(frame, view) {
  for (const [unit, region] of frame.parts.regions) drawRegion(frame, view, unit, region);
  for (const [unit, town] of frame.parts.towns) drawTown(frame, view, unit, town);
  drawOutline(frame, view);
}

function drawRegion(frame, view, unit, region) {
  const { population } = frame.country.units[unit];
  setAttr(region.group, 'fill', regionFill(view, view.value(unit), population));
  setAttr(region.group, 'stroke', view.colours.border);
  const isCut = view.shutdown && !view.difference && view.shutdown(unit) >= SHUTDOWN_SHARE;
  setAttr(region.edge, 'visibility', isCut ? 'visible' : 'hidden');
  if (isCut) {
    // Half of the line is clipped: only its inner half is visible.
    setAttr(region.edge, 'stroke', view.colours.ink);
    setAttr(region.edge, 'stroke-width', (2 * CUT_EDGE.width * frame.zoom).toFixed(2));
    setAttr(region.edge, 'stroke-dasharray', CUT_EDGE.dashes.map((each) => (each * frame.zoom).toFixed(1)).join(' '));
  }
}

function drawTown(frame, view, unit, town) {
  const value = view.circle(unit);
  const size = Math.abs(value) >= MIN_CIRCLE ? circleRadius(view.scale, value, frame.zoom) : 0;
  const selected = frame.country.units[unit].id === view.selected;
  setAttr(town.circle, 'r', Math.max(size, (selected ? 5 : 2) * frame.zoom).toFixed(1));
  const look = size ? circleFill(view.scale, value, view.colours) : { fill: view.colours.muted, 'fill-opacity': 0.55 };
  for (const [name, each] of Object.entries(look)) setAttr(town.circle, name, each);
  setAttr(town.circle, 'stroke', selected ? view.colours.ink : view.colours.halo);
  setAttr(town.circle, 'stroke-width', ((selected ? 2.6 : size ? 1 : 0) * frame.zoom).toFixed(2));
  // Troops are ordered for whole regions: to avoid clutter only towns with a label are marked.
  const troopsHere = view.troops && !view.difference && frame.named.has(unit) && view.troops(unit) >= TROOPS_PRESENT;
  setAttr(town.mark, 'visibility', troopsHere ? 'visible' : 'hidden');
  if (troopsHere) {
    setAttr(town.mark, 'fill', view.colours.ink);
    setAttr(town.mark, 'stroke', view.colours.halo);
    setAttr(town.mark, 'transform', `translate(${town.x} ${town.y - size}) scale(${frame.zoom})`);
  }
}

function regionFill({ layer, scale, colours }, value, population) {
  return classColour(scale, classOf(scale, rateOf(layer, value, population)), colours);
}

function drawOutline(frame, view) {
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
    const clip = svg('clipPath', { id: `${id}-clip-${unit}` }, paths.map((d) => svg('path', { d })));
    const edge = svg('g', {
      visibility: 'hidden', 'pointer-events': 'none', fill: 'none', 'clip-path': `url(#${id}-clip-${unit})`,
      'stroke-opacity': 0.75, class: 'map-cut',
    }, paths.map((d) => svg('path', { d })));
    const group = svg('g', unitAttributes(live, each), paths.map((d) => svg('path', {
      d, 'stroke-width': 0.8, 'stroke-linejoin': 'round', 'vector-effect': 'non-scaling-stroke',
    })), edge);
    shapes.set(unit, { group, edge, clip, paths });
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
      group: svg('g', unitAttributes(live, each), circle, mark), circle, mark, x: each.x, y: each.y,
    });
  });
  return shapes;
}

function unitAttributes(live, unit) {
  return live
    ? { 'data-unit': unit.id, role: 'button', tabindex: '-1', class: 'map-unit', 'aria-label': unitName(unit) }
    : { 'data-unit': unit.id };
}

// Labels of towns

const FONT_SIZE = 12.5;
/** Mean width of a letter, and the space between two labels, as shares of the font size. */
const LETTER_WIDTH = 0.66;
const LABEL_GAP = 0.2;
const MAX_LABELS = 22;

/**
 * Place names of towns, the highest ranked first, none over another.
 * @param {Object} frame of `createMap`: country, parts, layers, zoom
 * @param {((unit: number) => number)|undefined} rank towns with a higher one come first; population by default
 * @param {Object} colours
 */
function placeLabels(frame, rank, colours) {
  const { units } = frame.country;
  const size = FONT_SIZE * frame.zoom;
  const order = [...frame.parts.towns.keys()].sort(
    (a, b) => (rank ? rank(b) - rank(a) : 0) || units[b].population - units[a].population,
  );
  const named = order.slice(0, Math.round(MAX_LABELS / Math.sqrt(frame.zoom)));
  // A label must not cover the dot of another town that has one.
  const taken = named.map((unit) => dotBox(units[unit], frame.zoom));
  const labels = [];
  frame.named.clear();
  for (const unit of named) {
    // Labels keep more distance where a circle becomes large.
    const gap = (5 + Math.min(rank ? Math.sqrt(rank(unit)) * 0.13 : 0, 14)) * frame.zoom;
    const position = freePosition(units[unit], size, frame, taken, gap);
    if (position) {
      taken.push(position.box);
      frame.named.add(unit);
      labels.push(labelText(units[unit], position, size, colours));
    }
  }
  frame.layers.labels.replaceChildren(...labels);
}

function freePosition(unit, size, frame, taken, gap) {
  const width = unit.label.length * size * LETTER_WIDTH;
  const choices = [
    { x: unit.x + gap, anchor: 'start', left: unit.x + gap, y: unit.y },
    { x: unit.x - gap, anchor: 'end', left: unit.x - gap - width, y: unit.y },
    { x: unit.x, anchor: 'middle', left: unit.x - width / 2, y: unit.y - gap - 0.7 * size },
    { x: unit.x, anchor: 'middle', left: unit.x - width / 2, y: unit.y + gap + 0.7 * size },
  ];
  for (const choice of choices) {
    const box = [choice.left - size * LABEL_GAP, choice.y - size * 0.6, choice.left + width + size * LABEL_GAP, choice.y + size * 0.6];
    const inside = box[0] > 0 && box[2] < frame.country.viewbox[0];
    const own = dotBox(unit, frame.zoom).join();
    if (inside && !taken.some((other) => other.join() !== own && overlaps(box, other))) {
      return { ...choice, box };
    }
  }
  return null;
}

function dotBox(unit, zoom) {
  const reach = 4 * zoom;
  return [unit.x - reach, unit.y - reach, unit.x + reach, unit.y + reach];
}

function overlaps(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

function labelText({ id, label }, position, size, colours) {
  return svg('text', {
    x: position.x,
    y: position.y + size * 0.34,
    'text-anchor': position.anchor,
    'font-size': size.toFixed(1),
    fill: colours.ink,
    'data-label': id,
    'pointer-events': 'auto',
    cursor: 'pointer',
    stroke: colours.halo,
    'stroke-width': (size * 0.24).toFixed(1),
    'stroke-linejoin': 'round',
    'paint-order': 'stroke',
  }, label);
}

// Pointer and keyboard

/** Distance in pixels at which a click still selects a town. */
const CLICK_RADIUS = 15;
const DIRECTIONS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

/**
 * Point at units, select them, and move between them, by mouse, finger and keyboard.
 * @param {Object} country
 * @param {{node: SVGElement, shapes: Map<number, SVGElement>}} map
 * @param {{describe: (unit: number) => string, select: (unit: number) => void}} actions text of the tooltip,
 *   and what happens on a click
 * @returns {{tip: HTMLElement, refresh: () => void, relabel: () => void}} the tooltip, a function that
 *   updates it, and one that updates the names of the units for screen readers
 */
export function enableMapInput(country, map, { describe, select }) {
  const tip = h('div', { class: 'map-tip', hidden: true, 'aria-hidden': 'true' });
  const current = { pointed: null, focused: null, x: 0, y: 0 };
  const indexOf = new Map(country.units.map((unit, k) => [unit.id, k]));
  const first = country.units.findIndex((unit) => unit.kind === 'region');
  map.shapes.get(first)?.setAttribute('tabindex', '0');

  const show = () => {
    const unit = current.pointed ?? current.focused;
    tip.hidden = unit === null;
    if (unit === null) return;
    setText(tip, describe(unit));
    const { width } = containerBox(map);
    const x = Math.min(Math.max(current.x, 110), Math.max(width - 110, 110));
    tip.style.setProperty('transform', `translate(-50%, -100%) translate(${x}px, ${current.y - 14}px)`);
  };

  map.node.addEventListener('pointermove', (event) => {
    const box = containerBox(map);
    current.pointed = unitAtPointer(country, map, event, indexOf);
    [current.x, current.y] = current.pointed !== null && country.units[current.pointed].kind === 'place'
      ? tipPosition(map, map.shapes.get(current.pointed))
      : [event.clientX - box.left, event.clientY - box.top];
    show();
  });
  map.node.addEventListener('pointerleave', () => { current.pointed = null; show(); });
  map.node.addEventListener('click', (event) => {
    const unit = unitAtPointer(country, map, event, indexOf);
    if (unit !== null) select(unit);
  });
  map.node.addEventListener('focusin', (event) => {
    const shape = event.target.closest('[data-unit]');
    if (!shape) return;
    current.focused = indexOf.get(shape.dataset.unit);
    shape.setAttribute('aria-label', describe(current.focused));
    [current.x, current.y] = tipPosition(map, shape);
    show();
  });
  map.node.addEventListener('focusout', () => { current.focused = null; show(); });
  map.node.addEventListener('keydown', (event) => {
    if (current.focused === null) return;
    if (event.key === 'Enter' || event.key === ' ') select(current.focused);
    else if (event.key in DIRECTIONS && !event.shiftKey) focusNeighbour(country, map, current.focused, DIRECTIONS[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const relabel = () => {
    for (const [unit, shape] of map.shapes) shape.setAttribute('aria-label', describe(unit));
  };
  return { tip, refresh: show, relabel };
}

/** The box that the tooltip is placed in; it may hold a legend beside the map. */
function containerBox(map) {
  return map.node.parentElement.getBoundingClientRect();
}

/** Position of the tooltip: above the circle of a town, in the middle of a region. */
function tipPosition(map, shape) {
  const box = containerBox(map);
  // The group of a town also holds its hidden troops mark, so its box is not that of the circle.
  const circle = shape.querySelector('circle');
  const own = (circle ?? shape).getBoundingClientRect();
  return [own.left + own.width / 2 - box.left, own.top + (circle ? 8 : own.height / 2) - box.top];
}

/**
 * The unit at the pointer: the town with the largest circle there, otherwise the town whose label or dot
 * is there, otherwise the region.
 */
function unitAtPointer(country, map, event, indexOf) {
  const matrix = map.node.getScreenCTM();
  if (!matrix) return null;
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
  const zoom = 1 / matrix.a;
  const towns = [];
  for (const [unit, shape] of map.shapes) {
    const each = country.units[unit];
    if (each.kind !== 'place') continue;
    towns.push({ unit, distance: Math.hypot(each.x - x, each.y - y), radius: Number(shape.querySelector('circle').getAttribute('r')) });
  }
  const [around] = towns.filter(({ distance, radius }) => distance <= radius).sort((a, b) => b.radius - a.radius);
  if (around) return around.unit;
  const named = event.target.closest?.('[data-label]');
  if (named) return indexOf.get(named.dataset.label);
  const [near] = towns.filter(({ distance }) => distance < CLICK_RADIUS * zoom).sort((a, b) => a.distance - b.distance);
  if (near) return near.unit;
  const shape = event.target.closest?.('[data-unit]');
  return shape ? indexOf.get(shape.dataset.unit) : null;
}

/** Move the focus to the nearest unit in a direction of the arrow keys. */
function focusNeighbour(country, map, from, [dx, dy]) {
  const here = country.units[from];
  let best = null;
  let lowest = Infinity;
  for (const unit of map.shapes.keys()) {
    const there = country.units[unit];
    // A city that is a region is hidden below its town.
    if (unit === from || there.x === null || (there.kind === 'region' && there.town)) continue;
    const [x, y] = [there.x - here.x, there.y - here.y];
    const along = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    const cost = along + 2 * aside;
    if (along > 0.5 && aside <= 2 * along && cost < lowest) [best, lowest] = [unit, cost];
  }
  if (best === null) return;
  map.shapes.get(from).setAttribute('tabindex', '-1');
  map.shapes.get(best).setAttribute('tabindex', '0');
  map.shapes.get(best).focus();
}
