/**
 * Share a link with the command for the same world, and download figures and tables.
 */
import { getBlob, getJson } from './api.js';
import { announce, clear, download, h } from './dom.js';
import { buildFigure, pngBlob, svgBlob, timelineFigure } from './figures.js';
import { shownSide } from './frames.js';
import { layerName } from './layers.js';
import { figureLegend, timelineFigureLegend } from './legend.js';
import { currentScale } from './mapview.js';
import { errorBox } from './notices.js';
import { getState, queryOf, subscribe } from './state.js';
import { capitalize, dayAndTime, t } from './texts.js';
import { colours } from './theme.js';

/**
 * Mount the two buttons.
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const body = h('div');
  const dialog = h('dialog', { class: 'dialog', 'aria-labelledby': 'share-title' },
    h('h2', { id: 'share-title' }, t('share.title')), body,
    h('form', { method: 'dialog', class: 'actions' }, h('button', { class: 'quiet' }, t('share.close'))));
  const open = h('button', { type: 'button', class: 'share-button', 'aria-haspopup': 'dialog', onclick: show }, t('share.button'));
  root.append(open, dialog);
  mountDownload(root, app);

  async function show() {
    clear(body).append(h('p', { class: 'aside' }, t('share.making')));
    dialog.showModal();
    try {
      const { query, notes } = await getJson(`/api/link?${queryOf()}`);
      clear(body).append(...dialogContent(app, fullLink(query, getState()), notes ?? []));
      body.querySelector('input')?.select();
    } catch (error) {
      clear(body).append(errorBox(error, { onRetry: show }));
    }
  }
}

function dialogContent(app, link, notes) {
  const command = app.world()?.command;
  return [
    copyField('share-link', t('share.link'), link),
    h('p', { class: 'aside' }, t('share.where')),
    notes.map((note) => h('p', { class: 'caution' }, capitalize(note.message))),
    h('h3', null, t('share.holds')),
    h('ul', { class: 'sentences' }, linkContents(app, getState()).map((line) => h('li', null, line))),
    command && h('h3', null, t('share.command')),
    command && copyField('share-command', t('share.command-label'), command),
    h('p', { class: 'aside' }, t('share.same')),
  ].flat().filter(Boolean);
}

function copyField(id, label, text) {
  const field = h('input', { type: 'text', id, readonly: true, value: text, onfocus: () => field.select() });
  const button = h('button', { type: 'button', onclick: copy }, t('share.copy'));
  async function copy() {
    field.select();
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Browsers may block the clipboard; this older way works on selected text.
      done = document.execCommand('copy');
    }
    button.textContent = t(done ? 'share.copied' : 'share.by-hand');
    announce(button.textContent);
    setTimeout(() => { button.textContent = t('share.copy'); }, 2500);
  }
  return h('div', { class: 'copy-field' }, h('label', { for: id }, label), h('div', null, field, button));
}

// Downloads

const DRAWINGS = {
  map: () => document.querySelector('#map-section svg.map'),
  timeline: (app) => timelineFigure(app),
};
const TABLES = ['facts', 'hours', 'differences', 'decisions', 'attribution'];
const WHATIF_TABLES = new Set(['differences', 'attribution']);

/**
 * A menu of figures and tables to download.
 * @param {HTMLElement} root
 * @param {Object} app
 */
function mountDownload(root, app) {
  const errors = h('div');
  const box = h('div', { class: 'menu-box', id: 'download-box', hidden: true },
    h('h2', null, t('download.figures')),
    ...Object.keys(DRAWINGS).flatMap((name) => ['png', 'svg'].map((form) => menuEntry(`${name}-${form}`, () => downloadFigure(app, name, form)))),
    h('h2', null, t('download.tables')),
    ...TABLES.map((name) => menuEntry(name, () => downloadTable(app, name))),
    h('p', { class: 'aside' }, t('download.cited')), errors);
  const open = h('button', {
    type: 'button', class: 'download-button', 'aria-expanded': 'false', 'aria-controls': box.id, onclick: () => show(box.hidden),
  }, t('download.button'));
  const node = h('div', { class: 'menu' }, open, box);
  root.append(node);

  function menuEntry(name, make) {
    return h('button', { type: 'button', class: 'menu-entry', 'data-download': name, onclick: () => run(make, name) }, t(`download.${name}`));
  }

  async function run(make, name) {
    clear(errors);
    try {
      await make();
      announce(t('download.done', { what: t(`download.${name}`) }));
    } catch (error) {
      clear(errors).append(errorBox(error));
    }
  }

  function show(visible) {
    box.hidden = !visible;
    open.setAttribute('aria-expanded', String(visible));
    clear(errors);
    updateEntries();
  }

  /** Disable the tables that the world does not have. */
  function updateEntries() {
    const world = app.world();
    for (const each of box.querySelectorAll('[data-download]')) {
      const { download: name } = each.dataset;
      if (TABLES.includes(name)) each.disabled = !world || (WHATIF_TABLES.has(name) && !world.whatif);
    }
  }

  node.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || box.hidden) return;
    show(false);
    open.focus();
  });
  document.addEventListener('pointerdown', (event) => !box.hidden && !node.contains(event.target) && show(false));
  subscribe(() => !box.hidden && updateEntries());
}

async function downloadFigure(app, name, form) {
  const drawing = DRAWINGS[name](app);
  if (!drawing) throw new Error(t('download.no-drawing'));
  const palette = colours();
  const state = getState();
  const shown = { scale: currentScale(app, {}, state), spread: state.show === 'spread', colours: palette };
  const legend = name === 'map' ? (zoom, factor) => figureLegend({ ...shown, zoom, factor }) : () => timelineFigureLegend(app, palette);
  const file = buildFigure(drawing, { ...(await figureText(app, name)), ...palette, legend });
  download(`${fileName(name)}.${form}`, form === 'svg' ? svgBlob(file) : await pngBlob(file));
}

async function figureText(app, name) {
  const state = getState();
  const unit = app.country.units.find((each) => each.id === state.unit) ?? app.country.units.at(-1);
  const account = app.country.accounts.find((each) => each.name === state.account)?.title ?? state.account;
  const { query } = await getJson(`/api/link?${queryOf()}`);
  const values = { layer: layerName(state.layer), moment: dayAndTime(state.hour), place: unit.label, episode: app.country.episode.title };
  const world = [
    state.run ? t('share.run', { run: state.run }) : t('share.account', { account }),
    t('share.seed', { seed: String(state.seed), count: state.members }),
    state.change && t('share.change', { change: changeTitles(app, state.change) }),
    !state.run && t(`share.mode.${modeOf(state)}`),
    state.change && t('download.side', { side: t(`whatif.side.${state.side}`) }),
  ].filter(Boolean).join(' ');
  // The software, and the sources by their short names; downloaded tables have the full list.
  const [citation] = [app.world()?.citation ?? app.country.citation].flat();
  const sources = app.country.sources.map((source) => source.short).join('; ');
  const difference = shownSide(state, app.world()) === 'difference';
  const show = difference && state.show === 'median' ? 'mean' : state.show;
  const shows = name === 'map'
    ? t('download.shows', { show: t(`download.show.${show}`), clock: app.country.clock })
    : t(difference ? 'download.shows-timeline-difference' : 'download.shows-timeline', { clock: app.country.clock });
  return {
    title: t(difference ? `download.title-${name}-difference` : `download.title-${name}`, values),
    lines: [shows, world, t('download.model'), t('download.source', { what: citation, sources }), t('download.restore', { link: fullLink(query, state) })],
  };
}

async function downloadTable(app, name) {
  const { key } = app.world();
  const state = getState();
  const unit = state.unit ?? app.country.units.at(-1).id;
  const query = new URLSearchParams({ side: state.side, layer: state.layer, unit });
  const path = `/api/worlds/${encodeURIComponent(key)}/download/${name}.csv`;
  download(`${fileName(name)}.csv`, await getBlob(name === 'hours' ? `${path}?${query}` : path));
}

function fileName(name) {
  const state = getState();
  return ['qantar', state.episode, state.run ?? state.account, state.change, name, name === 'map' ? `h${state.hour}` : null]
    .filter(Boolean).join('-').replace(/[^\w.+-]+/g, '-').slice(0, 120);
}

// Links as text

/** Keys that a full link always names, so that it holds where defaults differ. */
const EXPLICIT_KEYS = ['account', 'seed', 'members', 'mode'];

/**
 * How the state decides in a world: by rules in a what-if, otherwise by the dates in the script.
 * @param {import('./state.js').State} state
 * @returns {string} `rules` or `script`
 */
function modeOf(state) {
  return state.mode ?? (state.change ? 'rules' : 'script');
}

/**
 * The address that restores a state on this machine, with some defaults written out.
 * @param {string} query the link of the state as the server writes it
 * @param {import('./state.js').State} state
 * @returns {string}
 */
function fullLink(query, state) {
  const full = new URLSearchParams();
  const explicit = { ...state, mode: modeOf(state) };
  for (const key of EXPLICIT_KEYS) full.set(key, String(explicit[key]));
  const rest = query.split('&').filter((part) => part && !EXPLICIT_KEYS.includes(part.split('=')[0]));
  return `${location.origin}/?${[full, ...rest].join('&')}`;
}

/**
 * What a link contains, line by line.
 * @param {Object} app
 * @param {import('./state.js').State} state
 * @returns {string[]}
 */
function linkContents(app, state) {
  const title = (name) => app.country.accounts.find((each) => each.name === name)?.title ?? name;
  const unit = app.country.units.find((each) => each.id === state.unit);
  return [
    state.run ? t('share.run', { run: state.run }) : t('share.account', { account: title(state.account) }),
    state.rival && t('share.rival', { account: title(state.rival) }),
    state.other && t('share.other', { run: state.other }),
    t('share.seed', { seed: String(state.seed), count: state.members }),
    state.change ? t('share.change', { change: changeTitles(app, state.change) }) : t('share.no-change'),
    !state.run && t(`share.mode.${modeOf(state)}`),
    state.change && t('share.side', { side: t(`whatif.side.${state.side}`) }),
    t('share.hour', { moment: dayAndTime(state.hour) }),
    t('share.shows', { layer: layerName(state.layer), place: unit?.label ?? app.country.units.at(-1).label }),
  ].filter(Boolean);
}

/**
 * The titles of interventions, with their dates and doses.
 * @param {Object} app
 * @param {string} change interventions as text
 * @returns {string}
 */
function changeTitles(app, change) {
  return change.split('+').map((part) => {
    const [, name, rest] = /^([^@=]+)(.*)$/.exec(part) ?? [null, part, ''];
    const title = app.country.interventions.find((each) => each.name === name)?.title ?? name;
    return rest ? `${title} (${rest.replace(/[@=]/g, ' ').trim()})` : title;
  }).join('; ');
}
