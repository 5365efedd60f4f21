/**
 * Runs tab: run directories and background jobs; open, compare, keep, stop and delete.
 */
import { getJson, isFinished, post, remove, stopJob, watchJob } from './api.js';
import { comparisonView } from './comparison.js';
import { announce, clear, h, keepFocus } from './dom.js';
import { errorBox, jobText } from './notices.js';
import { DEFAULTS, WORLD_KEYS, getState, queryOf, setState, subscribe } from './state.js';
import { capitalize, exact, has, t } from './texts.js';

/** Milliseconds from one request to the next, while jobs run and otherwise. */
const BUSY_INTERVAL = 1500;
const IDLE_INTERVAL = 8000;
/** Keys of a link whose values are numbers. */
const NUMERIC_KEYS = new Set(['seed', 'members']);

/**
 * Mount the tab.
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const view = { timer: 0, runs: null, jobs: null, failed: false };
  const errors = h('div');
  const runList = h('ul', { class: 'plain runs' });
  const jobList = h('ul', { class: 'plain jobs' });
  const comparison = comparisonView(app);
  const removal = removalDialog(deleteRun);
  const keep = h('button', { type: 'button', onclick: keepWorld }, t('runs.keep'));
  const close = h('button', { type: 'button', class: 'quiet', onclick: () => show(null) }, t('runs.leave'));
  root.append(h('h2', null, t('runs.title')), h('p', null, t('runs.intro')), keep, close, errors, comparison.node,
    h('h3', null, t('runs.folders')), runList, h('h3', null, t('runs.work')), h('p', { class: 'aside' }, t('runs.goes-on')), jobList, removal.node);

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
      busy = jobs.jobs.some((job) => !isFinished(job));
      if (view.failed) clear(errors);
      view.failed = false;
      drawRuns(found.runs);
      drawJobs(jobs.jobs);
    } catch (error) {
      view.failed = true;
      clear(errors).append(errorBox(error, { onRetry: refresh }));
    }
    view.timer = setTimeout(refresh, busy ? BUSY_INTERVAL : IDLE_INTERVAL);
  }

  function drawRuns(found) {
    const { run, other } = getState();
    close.hidden = run === null;
    const text = JSON.stringify([found, run, other]);
    if (view.runs === text) return;
    view.runs = text;
    const actions = {
      open: show, compare: (name) => setState({ other: name }, { push: true }), erase: removal.ask,
      again: (query) => showQuery(query, { panel: 'whatif', side: 'difference' }),
    };
    const items = found.length
      ? found.map((each) => runItem(each, { run, other }, actions))
      : [h('li', { class: 'aside' }, t('runs.none'))];
    keepFocus(runList, () => runList.replaceChildren(...items));
  }

  function drawJobs(jobs) {
    const text = JSON.stringify(jobs);
    if (view.jobs === text) return;
    view.jobs = text;
    const items = jobs.length ? jobs.map((job) => jobItem(job, refresh)) : [h('li', { class: 'aside' }, t('runs.no-work'))];
    keepFocus(jobList, () => jobList.replaceChildren(...items));
  }

  async function keepWorld() {
    keep.disabled = true;
    try {
      const { job } = await post('/api/jobs', { query: queryOf(getState(), WORLD_KEYS), kind: 'keep' });
      const status = h('p', { class: 'aside', role: 'status' }, t('runs.keeping'));
      clear(errors).append(status);
      watchJob(job, (now) => {
        if (now && isFinished(now)) status.textContent = capitalize(now.message) || t(`job.status.${now.status}`);
      });
      await refresh();
    } catch (error) {
      clear(errors).append(errorBox(error));
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
      clear(errors).append(errorBox(error));
    }
    await refresh();
  }

  function compare() {
    const { run, other, panel } = getState();
    if (panel !== 'runs') return;
    const first = async () => (run ? app.worlds.openRun(run) : app.world() ?? app.worlds.request(queryOf(getState(), WORLD_KEYS)));
    comparison.show(other ? Promise.all([first(), app.worlds.openRun(other)]).then(([one, two]) => [
      { name: run ?? t('runs.this-world'), world: one }, { name: other, world: two },
    ]) : null);
  }

  root.querySelector('h2').tabIndex = -1;
  subscribe((state, changed) => {
    if (['panel', 'run', 'other'].some((each) => changed.has(each))) refresh();
    if (['panel', 'run', 'other', 'layer'].some((each) => changed.has(each))) compare();
    else if (changed.has('hour')) comparison.redraw();
  });
  refresh();
  compare();
}

function jobItem(job, refresh) {
  const stop = async () => {
    await stopJob(job.id).catch(() => null);
    refresh();
  };
  const showWorld = (event) => {
    event.preventDefault();
    showQuery(job.query);
  };
  return h('li', { class: `job-row ${job.status}` },
    h('p', null, h('strong', null, job.title), ' ', h('span', { class: 'stamp' }, t(`job.status.${job.status}`))),
    h('p', { class: 'aside' }, isFinished(job) ? capitalize(job.message) : jobText(job)),
    job.hint && h('p', { class: 'aside' }, capitalize(job.hint)),
    h('p', { class: 'actions' },
      job.status === 'done' && job.kind === 'world' && h('a', { href: `?${job.query}`, class: 'quiet', 'data-keep': `show-${job.id}`, onclick: showWorld }, t('runs.show-world')),
      !isFinished(job) && h('button', { type: 'button', class: 'quiet', 'data-keep': `stop-${job.id}`, onclick: stop }, t('job.stop'))));
}

/** Show the world of a query, with further changes of the state. */
function showQuery(query, patch = {}) {
  const params = new URLSearchParams(query);
  const world = WORLD_KEYS.filter((key) => params.has(key)).map((key) => [key, NUMERIC_KEYS.has(key) ? Number(params.get(key)) : params.get(key)]);
  const defaults = Object.fromEntries(WORLD_KEYS.map((key) => [key, DEFAULTS[key]]));
  setState({ ...defaults, run: null, ...Object.fromEntries(world), ...patch }, { push: true });
}

function removalDialog(onDelete) {
  const name = h('strong');
  const node = h('dialog', { class: 'dialog', 'aria-labelledby': 'runs-delete-title' },
    h('form', { method: 'dialog' },
      h('h2', { id: 'runs-delete-title' }, t('runs.delete-title')),
      h('p', null, name), h('p', null, t('runs.delete-text')),
      h('p', { class: 'actions' },
        h('button', { value: 'no', autofocus: true }, t('runs.delete-no')),
        h('button', { value: 'yes', class: 'danger' }, t('runs.delete-yes')))));
  node.addEventListener('close', () => node.returnValue === 'yes' && onDelete(name.textContent));
  return {
    node,
    ask: (run) => {
      name.textContent = run;
      node.returnValue = '';
      node.showModal();
    },
  };
}

// Items of the list of runs

/**
 * A run directory with what can be done with it.
 * @param {Object} run of `/api/runs`
 * @param {{run: string|null, other: string|null}} shown
 * @param {{open: Function, compare: Function, again: Function, erase: Function}} actions
 * @returns {HTMLElement} list item
 */
function runItem(run, shown, actions) {
  const kind = has(`runs.kind.${run.kind}`) ? t(`runs.kind.${run.kind}`) : run.kind;
  const current = shown.run === run.name;
  return h('li', { class: current ? 'run current' : 'run', 'data-run': run.name },
    h('p', null, h('strong', null, run.title || run.name), ' ', h('span', { class: 'stamp' }, kind),
      current && h('span', { class: 'stamp' }, t('runs.shown-now'))),
    h('p', { class: 'aside' }, runFacts(run).join(' · ')),
    !run.openable && run.why_not && h('p', { class: 'caution' }, t('runs.not-opened', { why: run.why_not })),
    h('p', { class: 'actions' },
      run.openable && runButton(run, 'open', actions.open, current),
      run.openable && runButton(run, 'compare', actions.compare, shown.other === run.name),
      !run.openable && run.query && runButton(run, 'again', () => actions.again(run.query), false),
      run.page && h('a', {
        href: `/runs/${encodeURIComponent(run.name)}/${encodeURIComponent(run.page)}`,
        target: '_blank', rel: 'noopener noreferrer', 'data-keep': `page-${run.name}`,
        'aria-label': t('runs.page-of', { name: run.name }),
      }, t('runs.page')),
      run.kind !== 'other' && runButton(run, 'erase', actions.erase, false)));
}

function runButton(run, name, act, pressed) {
  return h('button', {
    type: 'button', class: 'quiet', 'data-keep': `${name}-${run.name}`,
    'aria-label': t(`runs.${name}-of`, { name: run.name }), 'aria-pressed': pressed ? 'true' : null,
    onclick: () => act(run.name),
  }, t(`runs.${name}`));
}

function runFacts(run) {
  return [
    run.name,
    run.account && t('runs.account', { account: run.account }),
    run.members && t('runs.members', { count: run.members }),
    run.seed !== null && run.seed !== undefined && t('runs.seed', { seed: String(run.seed) }),
    run.started && run.started.slice(0, 16).replace('T', ' '),
    run.megabytes !== null && t('runs.megabytes', { size: exact(run.megabytes) }),
  ].filter(Boolean);
}
