/**
 * Run directories and work under way: open, compare, keep, stop and delete.
 */
import { getJson, post, remove } from './api.js';
import { besides } from './besides.js';
import { announce, clear, h } from './dom.js';
import { isOver, jobWords, stopJob, watchJob } from './jobs.js';
import { capital, problem } from './problems.js';
import { runItem } from './runlist.js';
import { DEFAULTS, getState, queryOf, setState, subscribe, WORLD_KEYS } from './state.js';
import { t } from './texts.js';

const BUSY = 1500;
const QUIET = 8000;
const NUMBERS = new Set(['seed', 'members']);

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const view = { timer: 0, runs: null, jobs: null };
  const trouble = h('div');
  const runs = h('ul', { class: 'plain runs' });
  const work = h('ul', { class: 'plain jobs' });
  const beside = besides(app);
  const removal = removalDialog(deleteRun);
  const keep = h('button', { type: 'button', onclick: keepWorld }, t('runs.keep'));
  const leave = h('button', { type: 'button', class: 'quiet', onclick: () => show(null) }, t('runs.leave'));
  root.append(h('h2', null, t('runs.title')), h('p', null, t('runs.intro')), keep, leave, trouble, beside.node,
    h('h3', null, t('runs.folders')), runs, h('h3', null, t('runs.work')), h('p', { class: 'aside' }, t('runs.goes-on')), work, removal.node);

  function show(run) {
    const other = getState().other === run ? null : getState().other;
    setState({ run, other, side: 'base' }, { push: true });
  }

  async function refresh() {
    clearTimeout(view.timer);
    if (getState().panel !== 'runs') return;
    let busy = false;
    try {
      const [found, jobs] = await Promise.all([getJson('/api/runs'), getJson('/api/jobs')]);
      busy = jobs.jobs.some((job) => !isOver(job));
      if (view.troubled) clear(trouble);
      view.troubled = false;
      drawRuns(found.runs);
      drawJobs(jobs.jobs);
    } catch (error) {
      view.troubled = true;
      clear(trouble).append(problem(error, { onRetry: refresh }));
    }
    view.timer = setTimeout(refresh, busy ? BUSY : QUIET);
  }

  function drawRuns(found) {
    const { run, other } = getState();
    leave.hidden = run === null;
    const text = JSON.stringify([found, run, other]);
    if (view.runs === text) return;
    view.runs = text;
    const ways = {
      open: show, compare: (name) => setState({ other: name }, { push: true }), erase: removal.ask,
      again: (query) => showQuery(query, { panel: 'whatif', side: 'difference' }),
    };
    redrawn(runs, found.length
      ? found.map((each) => runItem(each, { run, other }, ways))
      : [h('li', { class: 'aside' }, t('runs.none'))]);
  }

  function drawJobs(jobs) {
    const text = JSON.stringify(jobs);
    if (view.jobs === text) return;
    view.jobs = text;
    redrawn(work, jobs.length ? jobs.map((job) => jobItem(job, refresh)) : [h('li', { class: 'aside' }, t('runs.no-work'))]);
  }

  async function keepWorld() {
    keep.disabled = true;
    try {
      const { job } = await post('/api/jobs', { query: queryOf(getState(), WORLD_KEYS), kind: 'keep' });
      const words = h('p', { class: 'aside', role: 'status' }, t('runs.keeping'));
      clear(trouble).append(words);
      watchJob(job, (now) => {
        if (now && isOver(now)) words.textContent = capital(now.message) || t(`job.status.${now.status}`);
      });
      await refresh();
    } catch (error) {
      clear(trouble).append(problem(error));
    } finally {
      keep.disabled = false;
    }
  }

  async function deleteRun(name) {
    try {
      await remove(`/api/runs/${encodeURIComponent(name)}`);
      const { run, other } = getState();
      setState({ run: run === name ? null : run, other: other === name ? null : other });
      announce(t('runs.deleted', { name }));
      root.querySelector('h2').focus();
    } catch (error) {
      clear(trouble).append(problem(error));
    }
    await refresh();
  }

  function compare() {
    const { run, other, panel } = getState();
    if (panel !== 'runs') return;
    const first = async () => (run ? app.worlds.open(run) : app.world() ?? app.worlds.ask(queryOf(getState(), WORLD_KEYS)));
    beside.show(other ? Promise.all([first(), app.worlds.open(other)]).then(([one, two]) => [
      { name: run ?? t('runs.this-world'), world: one }, { name: other, world: two },
    ]) : null);
  }

  root.querySelector('h2').tabIndex = -1;
  subscribe((state, changed) => {
    if (['panel', 'run', 'other'].some((each) => changed.has(each))) refresh();
    if (['panel', 'run', 'other', 'layer'].some((each) => changed.has(each))) compare();
    else if (changed.has('hour')) beside.redraw();
  });
  refresh();
  compare();
}

function jobItem(job, refresh) {
  const stop = async () => {
    await stopJob(job.id).catch(() => null);
    refresh();
  };
  return h('li', { class: `job-row ${job.status}` },
    h('p', null, h('strong', null, job.title), ' ', h('span', { class: 'stamp' }, t(`job.status.${job.status}`))),
    h('p', { class: 'aside' }, isOver(job) ? capital(job.message) : jobWords(job)),
    job.mend && h('p', { class: 'aside' }, capital(job.mend)),
    h('p', { class: 'actions' },
      job.status === 'done' && job.kind === 'world' && h('a', { href: `?${job.query}`, class: 'quiet', 'data-keep': `show-${job.id}`, onclick: (event) => showWorld(event, job.query) }, t('runs.show-world')),
      !isOver(job) && h('button', { type: 'button', class: 'quiet', 'data-keep': `stop-${job.id}`, onclick: stop }, t('job.stop'))));
}

function showWorld(event, query) {
  event.preventDefault();
  showQuery(query);
}

/** Show the world that a query asks for, and look at it in a certain way. */
function showQuery(query, look = {}) {
  const asked = new URLSearchParams(query);
  const world = WORLD_KEYS.filter((key) => asked.has(key)).map((key) => [key, NUMBERS.has(key) ? Number(asked.get(key)) : asked.get(key)]);
  const plain = Object.fromEntries(WORLD_KEYS.map((key) => [key, DEFAULTS[key]]));
  setState({ ...plain, run: null, ...Object.fromEntries(world), ...look }, { push: true });
}

function removalDialog(erase) {
  const name = h('strong');
  const node = h('dialog', { class: 'dialog', 'aria-labelledby': 'runs-delete-title' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'runs-delete-title' }, t('runs.delete-title')),
      h('p', null, name), h('p', null, t('runs.delete-text')),
      h('p', { class: 'actions' },
        h('button', { value: 'no', autofocus: true }, t('runs.delete-no')),
        h('button', { value: 'yes', class: 'danger' }, t('runs.delete-yes')))));
  node.addEventListener('close', () => node.returnValue === 'yes' && erase(name.textContent));
  return {
    node,
    ask: (run) => {
      name.textContent = run;
      node.returnValue = '';
      node.showModal();
    },
  };
}

/** Replace a list and put the focus back on the control that had it. */
function redrawn(list, items) {
  const kept = list.contains(document.activeElement) ? document.activeElement.dataset.keep : null;
  list.replaceChildren(...items);
  if (kept) list.querySelector(`[data-keep="${CSS.escape(kept)}"]`)?.focus();
}
