/**
 * Start of the page: load texts, country and link, then mount the header, the tabs and every part.
 *
 * The modules, from the lowest level up:
 * - `dom`, `theme`, `texts` (i18n and formats), `api` (requests and jobs), `state` (the link),
 *   `notices` (messages, errors, progress)
 * - data of a world: `frames` (arrays, cached), `layers` and `scales` (classes and circles), `events` (actions, key moments), and `app`,
 *   which holds them together
 * - what is always on the page: `mapview` with `map` and `legend`, `timeline` with `charts`, `playback`, `detail`
 * - tabs: `story`, `years`, `lifelines` (the state), `evidence` with `claims`, `accounts` with `comparison`, `whatif` with
 *   `interventions` and `results`, `runs`
 * - `share` with `figures`: links and downloads
 */
import { accountMenu } from './accountmenu.js';
import { connection, getJson, UNREACHABLE } from './api.js';
import { createApp } from './app.js';
import { mountDetail } from './detail.js';
import { h } from './dom.js';
import { mountMapView } from './mapview.js';
import { createNotices, errorBox } from './notices.js';
import { mountPlaybar } from './playback.js';
import { DEFAULTS, initState, OPENING_HOUR } from './state.js';
import { fillTexts, LANGUAGES, loadTexts, preferredLanguage, setCalendar, t } from './texts.js';
import { initTheme, onTheme, setTheme, theme } from './theme.js';
import { mountTimeline } from './timeline.js';

/** Modules of the panels beside the map, in the order of their tabs; loaded after the map is there. */
const PANELS = { story: './story.js', years: './years.js', state: './lifelines.js', evidence: './evidence.js', accounts: './accounts.js', whatif: './whatif.js', runs: './runs.js' };

/** Modules that mount into an element of the page, by its id. */
const TOOLS = { 'slot-share': './share.js' };

/** Milliseconds between two attempts to reach a server that did not answer at the start. */
const RETRY_DELAY = 3000;

const byId = (id) => document.getElementById(id);

async function start() {
  initTheme();
  const query = new URLSearchParams(location.search);
  const episode = new URLSearchParams({ episode: query.get('episode') ?? '' });
  const [lang, country, link] = await Promise.all([
    loadTexts(preferredLanguage(query.get('lang'))),
    getJson(`/api/country?${episode}`),
    getJson(`/api/link${location.search}`),
  ]);
  document.documentElement.lang = lang;
  const line = t('common.line', { episode: country.episode.title, country: country.country });
  document.title = t('common.page-title', { line });
  byId('tagline').textContent = line;
  setCalendar({ firstDay: country.first_day });
  fillTexts(document);
  const opening = location.search.length > 1 ? {} : { hour: OPENING_HOUR };
  initState({ ...DEFAULTS, ...link.state, ...opening });
  const notices = createNotices(byId('notices'), byId('progress'));
  link.notes.forEach((note) => notices.note(note.message));
  mountAll(createApp(country, notices));
}

function mountAll(app) {
  mountHeader(byId('tools'), app);
  mountMapView(byId('map-section'), app);
  mountTimeline(byId('fan'), app);
  mountPlaybar(byId('playbar'), app);
  const panels = mountTabs(byId('side'), app);
  mountDetail(byId('detail'), app);
  // Texts, and all that belongs to an episode, are loaded at the start.
  app.subscribe((state, changed) => { if (changed.has('lang') || changed.has('episode')) setTimeout(() => location.reload(), 0); });
  app.start();
  for (const [name, panel] of panels) mountModule(panel, PANELS[name], app);
  for (const [id, path] of Object.entries(TOOLS)) mountModule(byId(id), path, app);
}

/** Load and mount a module; if it fails, the rest of the page still works. */
async function mountModule(root, path, app) {
  try {
    const module = await import(path);
    await module.mount(root, app);
  } catch (error) {
    console.warn(path, error);
    root.replaceChildren(h('p', { class: 'notice' }, t('common.part-missing')));
  }
}

/** Account, language and theme, at the top of the page. */
function mountHeader(root, app) {
  const field = (key, control, look) => h('label', { class: 'field' }, h('span', { class: look }, t(key)), control);
  const account = accountMenu({
    onchange: () => {
      const { rival } = app.getState();
      const { value } = account.select;
      // The second account of a comparison must differ from the first.
      app.setState({ account: value, run: null, rival: rival === value ? null : rival }, { push: true });
    },
  });
  const language = h('select', { onchange: () => app.setState({ lang: language.value }, { push: true }) },
    Object.entries(LANGUAGES).map(([code, name]) => h('option', { value: code, lang: code }, name)));
  const themeButton = h('button', { type: 'button', class: 'plain', onclick: () => setTheme(theme() === 'dark' ? 'light' : 'dark') });
  const updateTheme = () => { themeButton.textContent = t(theme() === 'dark' ? 'common.light' : 'common.dark'); };
  const update = () => {
    const state = app.getState();
    account.fill(app.country.accounts, state.account);
    account.select.disabled = state.run !== null;
    language.value = preferredLanguage(state.lang);
  };
  root.replaceChildren(
    field('common.account', account.node, ''), field('common.language', language, 'visually-hidden'), themeButton);
  onTheme(updateTheme);
  updateTheme();
  app.subscribe((state, changed) => {
    if (['account', 'lang', 'run'].some((key) => changed.has(key))) update();
  });
  update();
}

/**
 * The panels beside the map, one at a time.
 * @returns {Map<string, HTMLElement>} panels by name
 */
function mountTabs(root, app) {
  const names = Object.keys(PANELS).filter((name) => name !== 'years' || app.country.years);
  const panels = new Map();
  const tabs = new Map();
  for (const name of names) {
    tabs.set(name, h('button', {
      type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': `panel-${name}`,
      onclick: () => app.setState({ panel: name }),
    }, t(`common.tab.${name}`)));
    panels.set(name, h('section', {
      id: `panel-${name}`, role: 'tabpanel', class: 'panel', 'aria-labelledby': `tab-${name}`, tabindex: '0',
    }));
  }
  const list = h('div', { role: 'tablist', class: 'tabs', id: 'tabs', tabindex: '-1', 'aria-label': t('common.panels') }, ...tabs.values());
  list.addEventListener('keydown', (event) => {
    const at = names.indexOf(app.getState().panel);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const name = names.at(to % names.length);
    app.setState({ panel: name });
    tabs.get(name).focus();
  });
  root.append(list, ...panels.values());
  const show = ({ panel }) => {
    const open = names.includes(panel) ? panel : 'story';
    for (const name of names) {
      tabs.get(name).setAttribute('aria-selected', String(name === open));
      tabs.get(name).tabIndex = name === open ? 0 : -1;
      panels.get(name).hidden = name !== open;
    }
  };
  app.subscribe((state, changed) => { if (changed.has('panel')) show(state); });
  show(app.getState());
  return panels;
}

/** Without texts or country there is nothing to show: say so, and reload when the server answers. */
async function showStartError(error) {
  // The request that failed may have been faster than the texts.
  await loadTexts(preferredLanguage(new URLSearchParams(location.search).get('lang')));
  const reload = () => location.reload();
  byId('notices').replaceChildren(errorBox(error, { place: 'page', onRetry: reload }));
  if (error.code !== UNREACHABLE) return;
  connection.addEventListener('restored', reload);
  setInterval(() => getJson('/api/jobs').catch(() => {}), RETRY_DELAY);
}

start().catch(showStartError);
