/**
 * Pointing at units of the map, by mouse, finger and keyboard.
 */
import { h, say } from './dom.js';

const NEAR = 15;
const AHEAD = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

/**
 * @param {Object} country
 * @param {{node: SVGElement, shapes: Map<number, SVGElement>}} map
 * @param {{words: (unit: number) => string, choose: (unit: number) => void}} ways
 * @returns {{tip: HTMLElement, refresh: () => void, relabel: () => void}} the box with the words,
 *   a call to renew it, and one to renew the names that screen readers read
 */
export function reachable(country, map, { words, choose }) {
  const tip = h('div', { class: 'map-tip', hidden: true, 'aria-hidden': 'true' });
  const now = { pointed: null, focused: null, x: 0, y: 0 };
  const numberOf = new Map(country.units.map((unit, k) => [unit.id, k]));
  const first = country.units.findIndex((unit) => unit.kind === 'region');
  map.shapes.get(first)?.setAttribute('tabindex', '0');

  const show = () => {
    const unit = now.pointed ?? now.focused;
    tip.hidden = unit === null;
    if (unit === null) return;
    say(tip, words(unit));
    const room = frameOf(map).width;
    const x = Math.min(Math.max(now.x, 110), Math.max(room - 110, 110));
    tip.style.setProperty('transform', `translate(-50%, -100%) translate(${x}px, ${now.y - 14}px)`);
  };

  map.node.addEventListener('pointermove', (event) => {
    const box = frameOf(map);
    now.pointed = pointed(country, map, event, numberOf);
    [now.x, now.y] = now.pointed !== null && country.units[now.pointed].kind === 'place'
      ? above(map, map.shapes.get(now.pointed))
      : [event.clientX - box.left, event.clientY - box.top];
    show();
  });
  map.node.addEventListener('pointerleave', () => { now.pointed = null; show(); });
  map.node.addEventListener('click', (event) => {
    const unit = pointed(country, map, event, numberOf);
    if (unit !== null) choose(unit);
  });
  map.node.addEventListener('focusin', (event) => {
    const shape = event.target.closest('[data-unit]');
    if (!shape) return;
    now.focused = numberOf.get(shape.dataset.unit);
    shape.setAttribute('aria-label', words(now.focused));
    [now.x, now.y] = above(map, shape);
    show();
  });
  map.node.addEventListener('focusout', () => { now.focused = null; show(); });
  map.node.addEventListener('keydown', (event) => {
    if (now.focused === null) return;
    if (event.key === 'Enter' || event.key === ' ') choose(now.focused);
    else if (event.key in AHEAD && !event.shiftKey) move(country, map, now.focused, AHEAD[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const relabel = () => {
    for (const [unit, shape] of map.shapes) shape.setAttribute('aria-label', words(unit));
  };
  return { tip, refresh: show, relabel };
}

/** The box that the tip is placed in: a legend may stand beside the map in it. */
function frameOf(map) {
  return map.node.parentElement.getBoundingClientRect();
}

/** Where the tip of a shape stands: over the circle of a town, in the middle of a region. */
function above(map, shape) {
  const box = frameOf(map);
  // The group of a town holds its hidden mark as well, so its box is not that of the circle.
  const circle = shape.querySelector('circle');
  const own = (circle ?? shape).getBoundingClientRect();
  return [own.left + own.width / 2 - box.left, own.top + (circle ? 8 : own.height / 2) - box.top];
}

/**
 * The largest circle that holds the pointer, otherwise the town whose name or dot is there,
 * otherwise the region.
 */
function pointed(country, map, event, numberOf) {
  const matrix = map.node.getScreenCTM();
  if (!matrix) return null;
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
  const zoom = 1 / matrix.a;
  const towns = [];
  for (const [unit, shape] of map.shapes) {
    const each = country.units[unit];
    if (each.kind !== 'place') continue;
    towns.push({ unit, far: Math.hypot(each.x - x, each.y - y), radius: Number(shape.querySelector('circle').getAttribute('r')) });
  }
  const [around] = towns.filter(({ far, radius }) => far <= radius).sort((a, b) => b.radius - a.radius);
  if (around) return around.unit;
  const named = event.target.closest?.('[data-label]');
  if (named) return numberOf.get(named.dataset.label);
  const [near] = towns.filter(({ far }) => far < NEAR * zoom).sort((a, b) => a.far - b.far);
  if (near) return near.unit;
  const shape = event.target.closest?.('[data-unit]');
  return shape ? numberOf.get(shape.dataset.unit) : null;
}

/** Move the focus to the nearest unit in a direction. */
function move(country, map, from, [dx, dy]) {
  const here = country.units[from];
  let best = null;
  let least = Infinity;
  for (const unit of map.shapes.keys()) {
    const there = country.units[unit];
    // A city that is a region of its own lies under its town.
    if (unit === from || there.x === null || (there.kind === 'region' && there.town)) continue;
    const [x, y] = [there.x - here.x, there.y - here.y];
    const along = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    const cost = along + 2 * aside;
    if (along > 0.5 && aside <= 2 * along && cost < least) [best, least] = [unit, cost];
  }
  if (best === null) return;
  map.shapes.get(from).setAttribute('tabindex', '-1');
  map.shapes.get(best).setAttribute('tabindex', '0');
  map.shapes.get(best).focus();
}
