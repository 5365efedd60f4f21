/**
 * Arrays of a world by hour and unit: requested, cached, and read.
 */
import { ApiError, getFloats, getJson, isFinished, post, watchJob } from './api.js';
import { isCumulative } from './layers.js';

/** Index of the median among the quantiles of an array: 5, 25, 50, 75 and 95 per cent. */
export const MEDIAN = 2;

/** Index of the quantile for each way to show an ensemble that is one. */
export const QUANTILE_OF = { low: 0, median: MEDIAN, high: 4 };

/** Quantiles over the members of a world, of one layer, by hour and unit. */
export class Frames {
  /**
   * @param {Float32Array} numbers array of shape (quantiles, hours, units), flattened
   * @param {number} hours
   * @param {number} units
   */
  constructor(numbers, hours, units) {
    this.numbers = numbers;
    this.hours = hours;
    this.units = units;
    this.quantiles = numbers.length / (hours * units);
    if (!Number.isInteger(this.quantiles)) throw new RangeError('frames.shape');
  }

  /**
   * @param {number} quantile its index; frames of a single member have only quantile 0
   * @param {number} hour
   * @param {number} unit
   * @returns {number}
   */
  at(quantile, hour, unit) {
    return this.numbers[(quantile * this.hours + hour) * this.units + unit];
  }

  /**
   * @param {number} quantile
   * @param {number} unit
   * @returns {Float32Array} one value per hour
   */
  series(quantile, unit) {
    const values = new Float32Array(this.hours);
    for (let hour = 0; hour < this.hours; hour += 1) values[hour] = this.at(quantile, hour, unit);
    return values;
  }

  /**
   * The value of a unit over several hours: the increase of a running total, otherwise the largest value.
   * @param {number} quantile
   * @param {number} unit
   * @param {number} from
   * @param {number} to exclusive
   * @param {boolean} cumulative whether the layer is a running total
   * @returns {number}
   */
  overHours(quantile, unit, from, to, cumulative) {
    if (cumulative) {
      const before = from > 0 ? this.at(quantile, from - 1, unit) : 0;
      return this.at(quantile, to - 1, unit) - before;
    }
    let largest = 0;
    for (let hour = from; hour < to; hour += 1) {
      const value = this.at(quantile, hour, unit);
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    return largest;
  }
}

/**
 * The hour at which the median of a unit is farthest from zero, and its value there.
 * @param {Frames} frames
 * @param {number} unit
 * @returns {[number, number]} hour and value; a value that is negligible is 0
 */
export function peakOf(frames, unit) {
  let [peakHour, peak] = [0, 0];
  for (let hour = 0; hour < frames.hours; hour += 1) {
    const value = frames.at(MEDIAN, hour, unit);
    if (Math.abs(value) > Math.abs(peak)) [peakHour, peak] = [hour, value];
  }
  return [peakHour, Math.abs(peak) < 0.005 ? 0 : peak];
}

/**
 * A function that reads the value of a unit with its range: at the hour, or over the selected days.
 * @param {import('./state.js').State} state
 * @param {string} layer
 * @param {Frames|null} frames
 * @param {Frames|null} [memberFrames] of one member, when a single one is shown
 * @returns {null | ((unit: number) => {value: number, low: number, high: number})}
 */
export function rangeReader(state, layer, frames, memberFrames = null) {
  if (!frames) return null;
  const lookup = lookupFor(state, layer);
  const valueOf = valueReader(state, layer, frames, memberFrames);
  return (unit) => {
    const low = lookup(frames, 0, unit);
    const high = lookup(frames, frames.quantiles - 1, unit);
    return { value: valueOf(unit), low, high };
  };
}

/**
 * Like `rangeReader`, but without the range: fast enough to draw every frame of the playback.
 * @param {import('./state.js').State} state
 * @param {string} layer
 * @param {Frames|null} frames
 * @param {Frames|null} [memberFrames]
 * @returns {(unit: number) => number} 0 where nothing is recorded
 */
export function valueReader(state, layer, frames, memberFrames = null) {
  if (!frames) return () => 0;
  const lookup = lookupFor(state, layer);
  if (state.show === 'member' && memberFrames) return (unit) => lookup(memberFrames, 0, unit);
  if (state.show === 'spread') return (unit) => lookup(frames, frames.quantiles - 1, unit) - lookup(frames, 0, unit);
  const quantile = QUANTILE_OF[state.show] ?? MEDIAN;
  return (unit) => lookup(frames, quantile, unit);
}

/** Read one quantile of a unit at the hour of the state, or over its selected days. */
function lookupFor(state, layer) {
  const { hour, from, to } = state;
  if (from === null || to === null) return (frames, quantile, unit) => frames.at(quantile, hour, unit);
  const cumulative = isCumulative(layer);
  return (frames, quantile, unit) => frames.overHours(quantile, unit, from, to, cumulative);
}

// Cache of worlds and their arrays

/** Arrays kept in memory; the oldest goes first. */
const MAX_ARRAYS = 36;

/**
 * Worlds that were requested or opened, and their arrays.
 * @param {{hours: number, units: Array}} country
 * @param {(job: Object) => void} onProgress called with every report on a job that is waited for
 * @param {(query: string, world: Object) => void} onPreview called with a link that was requested and the
 *   payload of the first members of its world while the others are run, several times with more of them
 */
export function createWorldCache(country, onProgress, onPreview) {
  const payloads = new Map();
  const arrays = new Map();
  const pending = new Map();

  /** Fetch an array once; after a failure it can be requested again. */
  const cachedFrames = (path) => {
    if (!arrays.has(path)) {
      const promise = getFloats(path).then(
        (numbers) => new Frames(numbers, country.hours, country.units.length),
      );
      promise.catch(() => arrays.delete(path));
      arrays.set(path, promise);
      if (arrays.size > MAX_ARRAYS) arrays.delete(arrays.keys().next().value);
    }
    return arrays.get(path);
  };

  const payload = async (key) => {
    if (!payloads.has(key)) payloads.set(key, await getJson(`/api/worlds/${encodeURIComponent(key)}`));
    return payloads.get(key);
  };

  const run = async (query, entry, whole) => {
    const { job, key } = await post('/api/jobs', { query, kind: 'world', whole });
    // Without a job the world is there already.
    if (job === null) return payload(key);
    entry.job = job;
    if (entry.released) await releaseJob(job);
    let newest = null;
    await jobFinished(job, (report) => {
      onProgress(report);
      if (!report.preview || report.preview === newest) return;
      newest = report.preview;
      // A preview that can no longer be read is followed by the next one, or by the whole world.
      payload(newest).then((world) => pending.get(query) === entry && onPreview(query, world)).catch(() => null);
    });
    return payload(key);
  };

  return {
    /**
     * @param {string} query link that names the world
     * @param {boolean} [whole] whether its single members are needed, which a precomputed world lacks
     * @returns {Promise<Object>} its payload
     */
    request(query, whole = false) {
      if (!pending.has(query)) {
        const entry = { job: null, released: false, promise: null };
        pending.set(query, entry);
        entry.promise = run(query, entry, whole).finally(() => pending.get(query) === entry && pending.delete(query));
      }
      return pending.get(query).promise;
    },
    /**
     * Stop waiting for a world: the server ends its job unless other pages wait for it.
     * @param {string} query as it was requested
     */
    release(query) {
      const entry = pending.get(query);
      if (!entry) return;
      // A later request must start a new job, not wait for the one that is being ended.
      pending.delete(query);
      entry.released = true;
      if (entry.job) releaseJob(entry.job);
    },
    /**
     * Forget a world that the server no longer has: the next request runs it again.
     * @param {string} key
     */
    forget(key) {
      payloads.delete(key);
      const prefix = `/api/worlds/${encodeURIComponent(key)}/`;
      for (const path of [...arrays.keys()]) if (path.startsWith(prefix)) arrays.delete(path);
    },
    /** @param {string} name of a run directory */
    openRun(name) {
      // The directory may have been replaced under the same name.
      this.forget(`run:${name}`);
      return payload(`run:${name}`);
    },
    frames: (key, side, layer) =>
      cachedFrames(`/api/worlds/${encodeURIComponent(key)}/frames/${side}/${layer}`),
    member: (key, side, number, layer) =>
      cachedFrames(`/api/worlds/${encodeURIComponent(key)}/members/${side}/${number}/${layer}`),
  };
}

/** The page goes on whether or not this request succeeds. */
function releaseJob(id) {
  return post(`/api/jobs/${encodeURIComponent(id)}/leave`, {}).catch(() => null);
}

/**
 * Wait for a job to be done.
 * @param {string} id
 * @param {(job: Object) => void} onProgress called with every report
 * @returns {Promise<void>} fails if the job does, is stopped or cannot be followed
 */
export function jobFinished(id, onProgress) {
  return new Promise((resolve, reject) => {
    watchJob(id, (job, error) => {
      if (error) return reject(error);
      onProgress(job);
      if (job.status === 'done') resolve();
      else if (isFinished(job)) reject(new ApiError({ code: `job-${job.status}`, message: job.message, hint: job.hint }));
      return undefined;
    });
  });
}

// Frames of what is shown

/** Layers that the map always draws, besides the selected one. */
const MAP_LAYERS = ['crowd', 'shutdown', 'troops'];
/** Layers of the headline figures and of the story. */
const HEADLINE_LAYERS = ['crowd', 'deaths', 'detained', 'violence'];

/**
 * Frames with the side and the key of the world that they belong to.
 * @typedef {{frames: Frames, side: string, key: string}} LoadedFrames
 */

/**
 * Load the frames that the state needs. Old frames stay until those that replace them are loaded.
 * @param {Object} app
 * @param {(error: Error, retry: () => void) => void} onError
 * @returns {{loaded: (layer: string) => LoadedFrames|null, member: (layer: string) => LoadedFrames|null,
 *   comparison: () => LoadedFrames|null, headline: (layer: string) => LoadedFrames|null,
 *   subscribe: (listener: () => void) => void, refresh: () => void}} frames of the side that is shown, of
 *   one of its members, of the world or side drawn for comparison, and of the side that headline figures
 *   and story describe (never a difference)
 */
export function createFrameStore(app, onError) {
  const slots = new Map();
  const requested = new Map();
  const listeners = new Set();
  let scheduled = false;

  const notify = () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => { scheduled = false; listeners.forEach((listener) => listener()); });
  };

  const load = (slot, name, side, key, request) => {
    if (requested.get(slot) === name) return;
    requested.set(slot, name);
    request().then((frames) => {
      if (requested.get(slot) !== name) return;
      slots.set(slot, { frames, side, key });
      notify();
    }).catch((error) => {
      if (requested.get(slot) !== name) return;
      requested.delete(slot);
      onError(error, refresh);
    });
  };

  const loadFrames = (slot, world, side, layer) => {
    if (!world.layers.includes(layer)) return drop(slot);
    return load(slot, `${world.key} ${side} ${layer}`, side, world.key,
      () => app.worlds.frames(world.key, side, layer));
  };

  const drop = (slot) => {
    requested.delete(slot);
    if (slots.delete(slot)) notify();
  };

  function refresh() {
    const [state, world] = [app.getState(), app.world()];
    if (!world) return;
    const side = shownSide(state, world);
    for (const layer of new Set([state.layer, ...MAP_LAYERS])) loadFrames(layer, world, side, layer);
    const headlineSide = side === 'difference' ? 'changed' : side;
    for (const layer of HEADLINE_LAYERS) loadFrames(`headline ${layer}`, world, headlineSide, layer);
    loadMember(state, world, side);
    loadComparison(state, world, side);
    notify();
  }

  function loadMember(state, world, side) {
    if (!world.single_members) {
      for (const layer of new Set([state.layer, 'crowd'])) drop(`member ${layer}`);
      if (state.show === 'member') app.complete();
      return;
    }
    const number = Math.min(state.member, world.members - 1);
    for (const layer of new Set([state.layer, 'crowd'])) {
      const slot = `member ${layer}`;
      if (state.show !== 'member' || !world.layers.includes(layer)) drop(slot);
      else {
        load(slot, `${world.key} ${side} ${number} ${layer}`, side, world.key,
          () => app.worlds.member(world.key, side, number, layer));
      }
    }
  }

  function loadComparison(state, world, side) {
    const other = app.comparison();
    if (world.sides.includes('changed')) {
      if (side === 'difference') drop('comparison');
      else loadFrames('comparison', world, side === 'base' ? 'changed' : 'base', state.layer);
    } else if (other) loadFrames('comparison', other, 'base', state.layer);
    else drop('comparison');
  }

  app.subscribe((state, changed) => {
    if (['layer', 'show', 'member', 'side'].some((key) => changed.has(key))) refresh();
  });
  return {
    loaded: (layer) => slots.get(layer) ?? null,
    member: (layer) => slots.get(`member ${layer}`) ?? null,
    comparison: () => slots.get('comparison') ?? null,
    headline: (layer) => slots.get(`headline ${layer}`) ?? null,
    subscribe: (listener) => listeners.add(listener),
    refresh,
  };
}

/**
 * The side of a world that is shown: what the link asks for, if the world has it.
 * @param {import('./state.js').State} state
 * @param {Object|null} world
 * @returns {string}
 */
export function shownSide(state, world) {
  return world?.sides.includes(state.side) ? state.side : 'base';
}
