/**
 * What the parts of the page share: the country, the world that is shown, and ways to change both.
 */
import { getJson } from './api.js';
import { createPlayback } from './playback.js';
import { getState, queryOf, setState, subscribe, WORLD_KEYS } from './state.js';
import { t } from './texts.js';
import { createView } from './view.js';
import { createWorlds } from './worlds.js';

/** What the server calls a world that it does not have, or no more. */
const GONE = 'world-gone';

/**
 * @param {Object} country payload of the server
 * @param {Object} notices as `createNotices` gives them
 * @returns {Object} the app; see the members below
 */
export function createApp(country, notices) {
  const now = { world: null, second: null, timeline: null, wanted: '', asked: '', secondWanted: '', failed: false };
  const hear = { job: hearing(), world: hearing(), select: hearing(), timeline: hearing() };
  const numbers = new Map(country.units.map((unit, k) => [unit.id, k]));
  const last = country.units.length - 1;
  const worlds = createWorlds(country, (job) => hear.job.tell(job));

  const app = {
    country,
    worlds,
    getState,
    setState,
    subscribe,
    queryOf,
    notices,
    playback: createPlayback(country.hours),
    /** The world that is shown, or null before the first has come. */
    world: () => now.world,
    /** Whether the world that was asked for last could not be had. */
    failed: () => now.failed,
    /** Ask once more for the world that could not be had. */
    again: () => load(),
    /** The second world that is laid over the first: a rival account or another run. */
    second: () => now.second,
    secondName: () => nameOfSecond(app, now),
    /** Dated marks of the sources, or null before they have come. */
    timeline: () => now.timeline,
    /** Run a world in the background: a link in, its payload out. */
    ask: (query) => worlds.ask(query),
    unitNumber: (id) => numbers.get(id) ?? last,
    unit: (id) => country.units[numbers.get(id) ?? last],
    onJob: hear.job.add,
    onWorld: hear.world.add,
    onSelect: hear.select.add,
    onTimeline: hear.timeline.add,
    select: (what) => select(app, hear, what),
  };
  app.view = createView(app, (error, retry) => (error.code === GONE ? renew() : notices.fail(error, retry)));

  /** The server was started again, or has forgotten an old world: the same link runs it once more. */
  const renew = () => {
    for (const world of [now.world, now.second]) if (world) worlds.forget(world.key);
    load();
    if (now.second) loadSecond();
  };

  const failed = (so) => {
    now.failed = so;
    if (so && !now.world) hear.world.tell(null);
  };

  const load = async () => {
    const query = queryOf(getState(), [...WORLD_KEYS, 'run']);
    if (now.wanted !== query) worlds.leave(now.asked);
    now.wanted = query;
    now.asked = queryOf(getState(), WORLD_KEYS);
    try {
      const world = await shownWorld(app);
      if (now.wanted !== query) return;
      now.world = world;
      failed(false);
      app.view.refresh();
      hear.world.tell(world);
    } catch (error) {
      if (now.wanted === query) failed(true);
      // The panel says it beside the switches that it is about.
      if (now.wanted === query && getState().panel !== 'whatif') notices.fail(error, load);
    } finally {
      if (now.wanted === query) notices.progress(null);
    }
  };
  const loadSecond = async () => {
    const wanted = `${getState().rival} ${getState().other} ${queryOf(getState(), WORLD_KEYS)}`;
    now.secondWanted = wanted;
    try {
      const second = await secondWorld(app);
      if (now.secondWanted !== wanted) return;
      now.second = second;
      app.view.refresh();
      hear.world.tell(now.world);
    } catch (error) {
      if (now.secondWanted === wanted) notices.fail(error, loadSecond);
    }
  };
  const loadTimeline = async () => {
    try {
      now.timeline = await getJson('/api/timeline');
      hear.timeline.tell(now.timeline);
    } catch (error) {
      notices.fail(error, loadTimeline);
    }
  };

  hear.job.add((job) => notices.progress(job));
  subscribe((state, changed) => {
    const other = WORLD_KEYS.some((key) => changed.has(key));
    if (other || changed.has('run')) load();
    if (other || changed.has('rival') || changed.has('other')) loadSecond();
  });
  app.start = () => { load(); loadTimeline(); if (getState().rival || getState().other) loadSecond(); };
  return app;
}

function shownWorld(app) {
  const state = getState();
  return state.run ? app.worlds.open(state.run) : app.ask(queryOf(state, WORLD_KEYS));
}

async function secondWorld(app) {
  const state = getState();
  if (state.other) return app.worlds.open(state.other);
  // Beside a change stands the world without it.
  if (!state.rival || state.change) return null;
  return app.ask(queryOf({ ...state, account: state.rival, change: null }, WORLD_KEYS));
}

function nameOfSecond(app, now) {
  const state = getState();
  if (now.world?.sides.includes('changed')) {
    return t(state.side === 'changed' ? 'map.side.base' : 'map.side.changed');
  }
  return app.country.accounts.find((each) => each.name === state.rival)?.title ?? now.second?.title ?? '';
}

/** Follow something up: a place, an hour, a target or a claim. */
function select(app, hear, what) {
  const patch = {};
  for (const key of ['unit', 'panel', 'side', 'layer']) if (key in what) patch[key] = what[key];
  if (what.target || what.claim) patch.panel = 'evidence';
  if (patch.unit && app.unit(patch.unit).kind === 'country') patch.unit = null;
  if ('hour' in what && what.hour !== null) app.playback.go(what.hour);
  setState(patch, { push: 'unit' in patch || 'panel' in patch });
  hear.select.tell(what);
}

function hearing() {
  const listeners = new Set();
  return {
    add(listener) { listeners.add(listener); return () => listeners.delete(listener); },
    tell(what) { for (const listener of [...listeners]) listener(what); },
  };
}
