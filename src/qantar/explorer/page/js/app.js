/**
 * What all parts of the page share: the country, the world that is shown, and ways to change both.
 *
 * A *world* is the ensemble of runs that a link asks for (`/api/worlds` on the server). Its *sides* are
 * `base` and, in a what-if, `changed` and `difference`.
 */
import { getJson } from './api.js';
import { createFrameStore, createWorldCache } from './frames.js';
import { createPlayback } from './playback.js';
import { WORLD_KEYS, getState, queryOf, setState, subscribe } from './state.js';
import { t } from './texts.js';

/** Error code of the server for a world that it does not have, or not any more. */
const WORLD_GONE = 'world-gone';

/**
 * @param {Object} country payload of `/api/country`
 * @param {Object} notices as `createNotices` gives them
 * @returns {Object} the app; see the members below
 */
export function createApp(country, notices) {
  const current = {
    world: null, comparison: null, timeline: null, failed: false,
    // What was requested last: an answer to an earlier request is ignored.
    requested: '', requestedWorld: '', requestedComparison: '',
  };
  const emitters = { job: createEmitter(), world: createEmitter(), select: createEmitter(), timeline: createEmitter() };
  const unitIndices = new Map(country.units.map((unit, k) => [unit.id, k]));
  const countryIndex = country.units.length - 1;
  const worlds = createWorldCache(country, (job) => emitters.job.emit(job), (query, world) => showPreview(query, world));

  const app = {
    country,
    worlds,
    getState,
    setState,
    subscribe,
    queryOf,
    notices,
    playback: createPlayback(country.hours),
    /** Payload of the world that is shown, or null before the first is loaded. */
    world: () => current.world,
    /** Whether the last world that was requested could not be loaded. */
    failed: () => current.failed,
    /** Request the world of the present state again, after a failure. */
    retry: () => load(),
    /** Run a precomputed world with all its single members. */
    complete: () => current.world?.precomputed && load(true),
    /** Payload of the world that is drawn over the first for comparison: another account or run. */
    comparison: () => current.comparison,
    comparisonName: () => comparisonTitle(app, current),
    /** Dated reports and publications of the sources, or null before they are loaded. */
    timeline: () => current.timeline,
    /** Run the world of a link in the background, and return its payload. */
    requestWorld: (query) => worlds.request(query),
    unitIndex: (id) => unitIndices.get(id) ?? countryIndex,
    unit: (id) => country.units[unitIndices.get(id) ?? countryIndex],
    onJob: emitters.job.add,
    onWorld: emitters.world.add,
    onSelect: emitters.select.add,
    onTimeline: emitters.timeline.add,
    select: (what) => select(app, emitters, what),
  };
  app.frames = createFrameStore(app, (error, retry) => (error.code === WORLD_GONE ? reload() : notices.fail(error, retry)));

  /** The server was restarted or has dropped an old world: run the same link again. */
  const reload = () => {
    for (const world of [current.world, current.comparison]) if (world) worlds.forget(world.key);
    load();
    if (current.comparison) loadComparison();
  };

  const setFailed = (value) => {
    current.failed = value;
    if (value && !current.world) emitters.world.emit(null);
  };

  /** Show the first members of the world that was requested, unless as many are shown. */
  const showPreview = (query, world) => {
    if (getState().run || query !== current.requestedWorld) return;
    if (current.world?.query === world.query && current.world.members >= world.members) return;
    show(world);
  };

  const show = (world) => {
    current.world = world;
    app.frames.refresh();
    emitters.world.emit(world);
  };

  const load = async (whole = false) => {
    const query = queryOf(getState(), [...WORLD_KEYS, 'run']);
    if (current.requested !== query) worlds.release(current.requestedWorld);
    current.requested = query;
    current.requestedWorld = queryOf(getState(), WORLD_KEYS);
    try {
      const { run } = getState();
      const world = await (run ? worlds.openRun(run) : worlds.request(current.requestedWorld, whole));
      if (current.requested !== query) return;
      setFailed(false);
      show(world);
      notices.standing(world);
    } catch (error) {
      if (current.requested === query) {
        setFailed(true);
        notices.standing(current.world);
      }
      // The what-if panel shows errors beside its switches.
      if (current.requested === query && getState().panel !== 'whatif') notices.fail(error, () => load(whole));
    } finally {
      if (current.requested === query) notices.progress(null);
    }
  };
  const loadComparison = async () => {
    const requested = `${getState().rival} ${getState().other} ${queryOf(getState(), WORLD_KEYS)}`;
    current.requestedComparison = requested;
    try {
      const comparison = await requestComparison(app);
      if (current.requestedComparison !== requested) return;
      current.comparison = comparison;
      app.frames.refresh();
      emitters.world.emit(current.world);
    } catch (error) {
      if (current.requestedComparison === requested) notices.fail(error, loadComparison);
    }
  };
  const loadTimeline = async () => {
    try {
      current.timeline = await getJson(`/api/timeline?${queryOf(getState(), ['episode'])}`);
      emitters.timeline.emit(current.timeline);
    } catch (error) {
      notices.fail(error, loadTimeline);
    }
  };

  emitters.job.add((job) => {
    // While a preview is shown, progress is shown until the whole world has been fetched: see `load`.
    if (job.status !== 'done' || !current.world?.key.startsWith(`${job.key}-`)) notices.progress(job);
  });
  subscribe((state, changed) => {
    const otherWorld = WORLD_KEYS.some((key) => changed.has(key));
    if (otherWorld || changed.has('run')) load();
    if (otherWorld || changed.has('rival') || changed.has('other')) loadComparison();
  });
  app.start = () => { load(); loadTimeline(); if (getState().rival || getState().other) loadComparison(); };
  return app;
}

async function requestComparison(app) {
  const state = getState();
  if (state.other) return app.worlds.openRun(state.other);
  // In a what-if the comparison is the unchanged side of the same world.
  if (!state.rival || state.change) return null;
  return app.requestWorld(queryOf({ ...state, account: state.rival, change: null }, WORLD_KEYS));
}

function comparisonTitle(app, current) {
  const state = getState();
  if (current.world?.sides.includes('changed')) {
    return t(state.side === 'changed' ? 'map.side.base' : 'map.side.changed');
  }
  return app.country.accounts.find((each) => each.name === state.rival)?.title ?? current.comparison?.title ?? '';
}

/** Select a place, an hour, a target or a claim, and open the panel that shows it. */
function select(app, emitters, what) {
  const patch = {};
  for (const key of ['unit', 'panel', 'side', 'layer']) if (key in what) patch[key] = what[key];
  if (what.target || what.claim) patch.panel = 'evidence';
  if (patch.unit && app.unit(patch.unit).kind === 'country') patch.unit = null;
  if ('hour' in what && what.hour !== null) app.playback.go(what.hour);
  setState(patch, { push: 'unit' in patch || 'panel' in patch });
  emitters.select.emit(what);
}

/** Listeners of one event. */
function createEmitter() {
  const listeners = new Set();
  return {
    add(listener) { listeners.add(listener); return () => listeners.delete(listener); },
    emit(what) { for (const listener of [...listeners]) listener(what); },
  };
}
