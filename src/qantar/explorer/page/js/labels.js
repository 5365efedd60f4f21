/**
 * Names of towns on the map: the most telling ones first, none on another.
 */
import { svg } from './dom.js';

const SIZE = 12.5;
/** Mean width of a letter, and the air between two names, as shares of the size. */
const WIDE = 0.66;
const AIR = 0.2;
const MOST = 22;

/**
 * @param {Object} frame of `map.js`: country, parts, layers, zoom
 * @param {((unit: number) => number)|undefined} rank larger is named first; population by default
 * @param {Object} colours
 */
export function placeLabels(frame, rank, colours) {
  const { units } = frame.country;
  const size = SIZE * frame.zoom;
  const order = [...frame.parts.towns.keys()].sort(
    (a, b) => (rank ? rank(b) - rank(a) : 0) || units[b].population - units[a].population,
  );
  const named = order.slice(0, Math.round(MOST / Math.sqrt(frame.zoom)));
  // A name must not lie on the dot of another town that has one too.
  const taken = named.map((unit) => dot(units[unit], frame.zoom));
  const labels = [];
  frame.named.clear();
  for (const unit of named) {
    const spot = free(units[unit], size, frame, taken, beside(frame, rank, unit));
    if (spot) {
      taken.push(spot.box);
      frame.named.add(unit);
      labels.push(text(units[unit], spot, size, colours));
    }
  }
  frame.layers.labels.replaceChildren(...labels);
}

/** Names keep some distance from what grows into a large circle. */
function beside(frame, rank, unit) {
  return (5 + Math.min(rank ? Math.sqrt(rank(unit)) * 0.13 : 0, 14)) * frame.zoom;
}

function free(unit, size, frame, taken, gap) {
  const width = unit.label.length * size * WIDE;
  const choices = [
    { x: unit.x + gap, anchor: 'start', left: unit.x + gap, y: unit.y },
    { x: unit.x - gap, anchor: 'end', left: unit.x - gap - width, y: unit.y },
    { x: unit.x, anchor: 'middle', left: unit.x - width / 2, y: unit.y - gap - 0.7 * size },
    { x: unit.x, anchor: 'middle', left: unit.x - width / 2, y: unit.y + gap + 0.7 * size },
  ];
  for (const choice of choices) {
    const box = [choice.left - size * AIR, choice.y - size * 0.6, choice.left + width + size * AIR, choice.y + size * 0.6];
    const inside = box[0] > 0 && box[2] < frame.country.viewbox[0];
    const own = dot(unit, frame.zoom).join();
    if (inside && !taken.some((other) => other.join() !== own && meets(box, other))) {
      return { ...choice, box };
    }
  }
  return null;
}

function dot(unit, zoom) {
  const reach = 4 * zoom;
  return [unit.x - reach, unit.y - reach, unit.x + reach, unit.y + reach];
}

function meets(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

function text({ id, label }, spot, size, colours) {
  return svg('text', {
    x: spot.x,
    y: spot.y + size * 0.34,
    'text-anchor': spot.anchor,
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
