/**
 * The headline figures of the hour: of the ensemble, of one run, or of a difference, as the map.
 */
import { h, say } from './dom.js';
import { unitName } from './captions.js';
import { inWords } from './layers.js';
import { sideOf } from './view.js';
import { num, t } from './texts.js';

const FIGURES = ['crowd', 'deaths', 'detained'];
/** Index of the quantile that stands alone; otherwise the middle stands with its range. */
const ALONE = { low: 0, high: 4, member: 0 };
const MIDDLE = 2;

/**
 * @param {Object} app
 * @returns {{node: HTMLElement, draw: (state: import('./state.js').State) => void}}
 */
export function headFigures(app) {
  const pairs = new Map(FIGURES.map((layer) => [layer, { value: h('dd', null), range: h('dd', { class: 'range' }) }]));
  const place = h('p', { class: 'figures-where' });
  const node = h('div', { class: 'figures-box' }, h('dl', { class: 'figures' }, [...pairs].map(
    ([layer, { value, range }]) => h('div', null, h('dt', null, t(`map.figure.${layer}`)), value, range),
  )), place);
  const framesOf = kept(app);
  const draw = (state) => {
    const side = sideOf(state, app.world());
    const apart = side === 'difference';
    const unit = app.unitNumber(state.unit);
    for (const [layer, { value, range }] of pairs) {
      const frames = framesOf(state, side, layer, () => draw(app.getState()));
      const said = (part) => (apart ? inWords(layer, frames.at(part, state.hour, unit), true) : num(frames.at(part, state.hour, unit)));
      say(value, frames ? said(ALONE[state.show] ?? MIDDLE) : '…');
      const ends = frames && !(state.show in ALONE) ? [said(0), said(frames.parts - 1)] : ['', ''];
      say(range, ends[0] === ends[1] ? '\u00a0' : t('map.figure.range', { low: ends[0], high: ends[1] }));
    }
    say(place, t(WHERE[side], { place: unitName(app.unit(state.unit)), what: whatOf(state, apart) }));
  };
  return { node, draw };
}

const WHERE = {
  base: 'map.figure.where', changed: 'map.figure.where-changed', difference: 'map.figure.where-difference',
};

function whatOf({ show, member }, apart) {
  if (show === 'member') return t('map.figure.what.member', { number: member + 1 });
  if (show in ALONE) return t(`map.figure.what.${show}`);
  return t(apart ? 'map.figure.what.mean' : 'map.figure.what.median');
}

/** Frames beyond what the view holds: of a single run and of the difference, fetched when asked for. */
function kept(app) {
  const slots = new Map();
  return (state, side, layer, then) => {
    const world = app.world();
    if (side !== 'difference' && state.show !== 'member') return app.view.told(layer)?.frames ?? null;
    if (!world?.layers.includes(layer)) return null;
    const number = state.show === 'member' ? Math.min(state.member, world.members - 1) : null;
    const name = `${world.key} ${side} ${number}`;
    const slot = slots.get(layer);
    if (slot?.name === name) return slot.frames;
    const own = { name, frames: null };
    slots.set(layer, own);
    const asked = number === null
      ? app.worlds.frames(world.key, side, layer)
      : app.worlds.member(world.key, side, number, layer);
    asked.then((frames) => { own.frames = frames; then(); }).catch(() => {
      // The view fetches from the same server and says what went wrong; ask again at the next drawing.
      if (slots.get(layer) === own) slots.delete(layer);
    });
    return null;
  };
}
