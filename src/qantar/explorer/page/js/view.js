/**
 * The arrays behind what is shown. What was there stays until what replaces it has come.
 */

/** Layers that every drawing of the map needs beside the chosen one. */
const ALWAYS = ['crowd', 'shutdown', 'troops'];
/** Layers that the headline figures and the story speak of. */
const TOLD = ['crowd', 'deaths', 'detained', 'violence'];

/**
 * @typedef {{frames: import('./frames.js').Frames, side: string, key: string}} Held
 */

/**
 * @param {Object} app
 * @param {(error: Error, retry: () => void) => void} onError
 * @returns {{held: (layer: string) => Held|null, single: (layer: string) => Held|null,
 *   second: () => Held|null, told: (layer: string) => Held|null,
 *   subscribe: (listener: () => void) => void, refresh: () => void}}
 */
export function createView(app, onError) {
  const slots = new Map();
  const wanted = new Map();
  const listeners = new Set();
  let due = false;

  const tell = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; listeners.forEach((listener) => listener()); });
  };

  const want = (slot, name, side, key, ask) => {
    if (wanted.get(slot) === name) return;
    wanted.set(slot, name);
    ask().then((frames) => {
      if (wanted.get(slot) !== name) return;
      slots.set(slot, { frames, side, key });
      tell();
    }).catch((error) => {
      if (wanted.get(slot) !== name) return;
      wanted.delete(slot);
      onError(error, refresh);
    });
  };

  const frames = (slot, world, side, layer) => {
    if (!world.layers.includes(layer)) return drop(slot);
    return want(slot, `${world.key} ${side} ${layer}`, side, world.key,
      () => app.worlds.frames(world.key, side, layer));
  };

  const drop = (slot) => {
    wanted.delete(slot);
    if (slots.delete(slot)) tell();
  };

  function refresh() {
    const [state, world] = [app.getState(), app.world()];
    if (!world) return;
    const side = sideOf(state, world);
    for (const layer of new Set([state.layer, ...ALWAYS])) frames(layer, world, side, layer);
    const tale = side === 'difference' ? 'changed' : side;
    for (const layer of TOLD) frames(`told ${layer}`, world, tale, layer);
    singles(state, world, side);
    seconds(state, world, side);
    tell();
  }

  function singles(state, world, side) {
    const number = Math.min(state.member, world.members - 1);
    for (const layer of new Set([state.layer, 'crowd'])) {
      const slot = `single ${layer}`;
      if (state.show !== 'member' || !world.layers.includes(layer)) drop(slot);
      else {
        want(slot, `${world.key} ${side} ${number} ${layer}`, side, world.key,
          () => app.worlds.member(world.key, side, number, layer));
      }
    }
  }

  function seconds(state, world, side) {
    const other = app.second();
    if (world.sides.includes('changed')) {
      if (side === 'difference') drop('second');
      else frames('second', world, side === 'base' ? 'changed' : 'base', state.layer);
    } else if (other) frames('second', other, 'base', state.layer);
    else drop('second');
  }

  app.subscribe((state, changed) => {
    if (['layer', 'show', 'member', 'side'].some((key) => changed.has(key))) refresh();
  });
  return {
    held: (layer) => slots.get(layer) ?? null,
    single: (layer) => slots.get(`single ${layer}`) ?? null,
    second: () => slots.get('second') ?? null,
    told: (layer) => slots.get(`told ${layer}`) ?? null,
    subscribe: (listener) => listeners.add(listener),
    refresh,
  };
}

/**
 * The side that is shown: what the link asks for, if the world has it.
 * @param {import('./state.js').State} state
 * @param {Object|null} world
 * @returns {string}
 */
export function sideOf(state, world) {
  return world?.sides.includes(state.side) ? state.side : 'base';
}
