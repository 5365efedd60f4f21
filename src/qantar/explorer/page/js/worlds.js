/**
 * Worlds: asked for, waited for, and their arrays kept.
 */
import { ApiError, getFloats, getJson, post } from './api.js';
import { Frames } from './frames.js';
import { isOver, watchJob } from './jobs.js';

const KEPT = 36;

/**
 * @param {{hours: number, units: Array}} country
 * @param {(job: Object) => void} report hears how far work has come
 */
export function createWorlds(country, report) {
  const payloads = new Map();
  const arrays = new Map();
  const under = new Map();

  /** Fetch once; what failed may be asked for again. */
  const fetched = (path) => {
    if (!arrays.has(path)) {
      const asked = getFloats(path).then(
        (numbers) => new Frames(numbers, country.hours, country.units.length),
      );
      asked.catch(() => arrays.delete(path));
      arrays.set(path, asked);
      if (arrays.size > KEPT) arrays.delete(arrays.keys().next().value);
    }
    return arrays.get(path);
  };

  const payload = async (key) => {
    if (!payloads.has(key)) payloads.set(key, await getJson(`/api/worlds/${encodeURIComponent(key)}`));
    return payloads.get(key);
  };

  const run = async (query, order) => {
    const { job, key } = await post('/api/jobs', { query, kind: 'world' });
    order.job = job;
    if (order.left) await leaveJob(job);
    await finished(job, report);
    return payload(key);
  };

  return {
    /**
     * @param {string} query link that names the world
     * @returns {Promise<Object>} its payload
     */
    ask(query) {
      if (!under.has(query)) {
        const order = { job: null, left: false, promise: null };
        under.set(query, order);
        order.promise = run(query, order).finally(() => under.get(query) === order && under.delete(query));
      }
      return under.get(query).promise;
    },
    /**
     * Say that this page no longer waits for a world: its work ends unless others wait for it.
     * @param {string} query as it was asked for
     */
    leave(query) {
      const order = under.get(query);
      if (!order) return;
      // Whoever asks again begins anew, and does not wait for work that is being ended.
      under.delete(query);
      order.left = true;
      if (order.job) leaveJob(order.job);
    },
    /**
     * Forget a world that the server no longer has: the next to ask runs it again.
     * @param {string} key
     */
    forget(key) {
      payloads.delete(key);
      const own = `/api/worlds/${encodeURIComponent(key)}/`;
      for (const path of [...arrays.keys()]) if (path.startsWith(own)) arrays.delete(path);
    },
    /** @param {string} name of a run directory */
    open(name) {
      // It may have been made anew under the same name.
      this.forget(`run:${name}`);
      return payload(`run:${name}`);
    },
    frames: (key, side, layer) =>
      fetched(`/api/worlds/${encodeURIComponent(key)}/frames/${side}/${layer}`),
    member: (key, side, number, layer) =>
      fetched(`/api/worlds/${encodeURIComponent(key)}/members/${side}/${number}/${layer}`),
  };
}

/** Whether the server heard it does not matter to the page. */
function leaveJob(id) {
  return post(`/api/jobs/${encodeURIComponent(id)}/leave`, {}).catch(() => null);
}

function finished(id, report) {
  return new Promise((resolve, reject) => {
    watchJob(id, (job, error) => {
      if (error) return reject(error);
      report(job);
      if (job.status === 'done') resolve();
      else if (isOver(job)) reject(new ApiError({ code: `job-${job.status}`, message: job.message, mend: job.mend }));
      return undefined;
    });
  });
}
