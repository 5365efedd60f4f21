/**
 * Start: texts, country, link, then the world.
 */
import { AWAY, connection, getJson } from './api.js';
import { createApp } from './app.js';
import { mountDetail } from './detail.js';
import { h } from './dom.js';
import { mountHeader } from './header.js';
import { createNotices } from './notices.js';
import { mountPlaybar } from './playbar.js';
import { mountStage } from './stage.js';
import { DEFAULTS, OPENING_HOUR, startState } from './state.js';
import { setClock } from './clock.js';
import { mountTabs } from './tabs.js';
import { fill, loadTexts, preferred, t } from './texts.js';
import { startTheme } from './theme.js';
import { mountTimeline } from './timeline.js';

/** Panels that mount into a tab, and tools that mount into a place of the page. */
const PANELS = { story: './story.js', evidence: './evidence.js', accounts: './accounts.js', whatif: './whatif.js', runs: './runs.js' };
const TOOLS = { 'slot-share': './share.js' };

const at = (id) => document.getElementById(id);

async function start() {
  startTheme();
  const asked = new URLSearchParams(location.search);
  const [lang, country, link] = await Promise.all([
    loadTexts(preferred(asked.get('lang'))),
    getJson('/api/country'),
    getJson(`/api/link${location.search}`),
  ]);
  document.documentElement.lang = lang;
  document.title = t('common.page-title', { line: t('common.line') });
  setClock({ firstDay: country.first_day });
  fill(document);
  const opening = location.search.length > 1 ? {} : { hour: OPENING_HOUR };
  startState({ ...DEFAULTS, ...link.state, ...opening });
  const notices = createNotices(at('notices'));
  link.notes.forEach((note) => notices.note(note.message));
  mountAll(createApp(country, notices));
}

function mountAll(app) {
  mountHeader(at('tools'), app);
  mountStage(at('stage'), app);
  mountTimeline(at('fan'), app);
  mountPlaybar(at('playbar'), app);
  const panels = mountTabs(at('side'), app);
  mountDetail(at('detail'), app);
  app.subscribe((state, changed) => { if (changed.has('lang')) setTimeout(() => location.reload(), 0); });
  app.start();
  for (const [name, path] of Object.entries(PANELS)) mountModule(panels.get(name), path, app);
  for (const [id, path] of Object.entries(TOOLS)) mountModule(at(id), path, app);
}

/** One broken part must not take the page with it. */
async function mountModule(root, path, app) {
  try {
    const part = await import(path);
    await part.mount(root, app);
  } catch (problem) {
    console.warn(path, problem);
    root.replaceChildren(h('p', { class: 'notice' }, t('common.part-missing')));
  }
}

/** Without texts or country there is nothing to show: say so, and try again. */
function failed(problem) {
  const retry = () => location.reload();
  const message = problem.code === AWAY ? t('common.away') : problem.message;
  at('notices').replaceChildren(h('div', { class: 'notice notice-failure' },
    h('div', null, h('p', null, h('b', null, message)), problem.mend ? h('p', null, problem.mend) : null),
    h('button', { type: 'button', onclick: retry }, t('common.retry'))));
  if (problem.code !== AWAY) return;
  connection.addEventListener('back', retry);
  setInterval(() => getJson('/api/jobs').catch(() => {}), 3000);
}

start().catch(failed);
