/**
 * Work under way on the server: watching it, and showing how far it is.
 */
import { getJson, remove } from './api.js';
import { h, put, say } from './dom.js';
import { has, t } from './texts.js';

const FIRST = 250;
const LONGEST = 1500;
const OVER = new Set(['done', 'failed', 'stopped']);

/**
 * Follow a job until it is over.
 * @param {string} id
 * @param {(job: Object, error?: Error) => void} fn hears every report; at the end also an error
 * @returns {() => void} stops following (the work itself goes on)
 */
export function watchJob(id, fn) {
  let timer = 0;
  let pause = FIRST;
  let left = false;
  async function look() {
    try {
      const job = await getJson(`/api/jobs/${encodeURIComponent(id)}`);
      if (left) return;
      fn(job);
      if (isOver(job)) return;
      pause = Math.min(LONGEST, pause * 1.2);
      timer = setTimeout(look, pause);
    } catch (error) {
      if (!left) fn(null, error);
    }
  }
  look();
  return () => {
    left = true;
    clearTimeout(timer);
  };
}

/**
 * Whether a job needs no more watching.
 * @param {Object} job
 * @returns {boolean}
 */
export function isOver(job) {
  return OVER.has(job.status);
}

/**
 * Stop work on the server.
 * @param {string} id
 * @returns {Promise<*>}
 */
export function stopJob(id) {
  return remove(`/api/jobs/${encodeURIComponent(id)}`);
}

/**
 * A bar with what is being done in words.
 * @returns {{node: HTMLElement, show: (job: Object) => void}}
 */
export function progressBar() {
  const fill = h('span', { class: 'progress-fill' });
  const bar = h('div', {
    class: 'progress', role: 'progressbar', 'aria-label': t('job.progress'), 'aria-valuemin': '0', 'aria-valuemax': '100',
  }, fill);
  const words = h('p', { class: 'aside' });
  const node = h('div', { class: 'job' }, bar, words);
  function show(job) {
    const share = job.total > 0 ? Math.min(1, job.done / job.total) : 0;
    const text = jobWords(job);
    put(bar, 'aria-valuenow', Math.round(100 * share));
    put(bar, 'aria-valuetext', text);
    fill.style.setProperty('inline-size', `${100 * share}%`);
    say(words, text);
  }
  return { node, show };
}

/**
 * How far a job is, in words.
 * @param {Object} job
 * @returns {string}
 */
export function jobWords(job) {
  if (job.status === 'waiting') return t('job.waiting', { count: job.position ?? 0 });
  const state = t(`job.status.${job.status}`);
  if (job.status !== 'running') return job.message || state;
  const stage = has(`job.stage.${job.stage}`) ? t(`job.stage.${job.stage}`) : job.stage || state;
  return job.total > 0 ? t('job.running', { stage, done: job.done, total: job.total }) : stage;
}
