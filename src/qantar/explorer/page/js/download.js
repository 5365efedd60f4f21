/**
 * What can be taken away: the map and the timeline as figures, the numbers as tables.
 */
import { getBlob, getJson } from './api.js';
import { announce, clear, download, h } from './dom.js';
import { figureLegend, timelineKey } from './figurelegend.js';
import { figureOf, pngBlob, svgBlob } from './figures.js';
import { layerName } from './layers.js';
import { changeWords, linkOf, modeOf } from './linkwords.js';
import { problem } from './problems.js';
import { getState, queryOf, subscribe } from './state.js';
import { moment, t } from './texts.js';
import { colours } from './theme.js';
import { timelineFigure } from './timelinefigure.js';
import { sideOf } from './view.js';

const DRAWINGS = {
  map: () => document.querySelector('#stage svg.map'),
  timeline: (app) => timelineFigure(app),
};
const TABLES = ['facts', 'hours', 'differences', 'decisions', 'attribution'];
const OF_CHANGES = new Set(['differences', 'attribution']);

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const trouble = h('div');
  const box = h('div', { class: 'menu-box', id: 'download-box', hidden: true },
    h('h2', null, t('download.figures')),
    ...Object.keys(DRAWINGS).flatMap((name) => ['png', 'svg'].map((form) => entry(`${name}-${form}`, () => figure(app, name, form)))),
    h('h2', null, t('download.tables')),
    ...TABLES.map((name) => entry(name, () => table(app, name))),
    h('p', { class: 'aside' }, t('download.cited')), trouble);
  const open = h('button', {
    type: 'button', class: 'download-button', 'aria-expanded': 'false', 'aria-controls': box.id, onclick: () => show(box.hidden),
  }, t('download.button'));
  const node = h('div', { class: 'menu' }, open, box);
  root.append(node);

  function entry(name, make) {
    return h('button', { type: 'button', class: 'menu-entry', 'data-download': name, onclick: () => attempt(make, name) }, t(`download.${name}`));
  }

  async function attempt(make, name) {
    clear(trouble);
    try {
      await make();
      announce(t('download.done', { what: t(`download.${name}`) }));
    } catch (error) {
      clear(trouble).append(problem(error));
    }
  }

  function show(open_) {
    box.hidden = !open_;
    open.setAttribute('aria-expanded', String(open_));
    clear(trouble);
    offer();
  }

  /** Only what there is to download. */
  function offer() {
    const world = app.world();
    for (const each of box.querySelectorAll('[data-download]')) {
      const { download: name } = each.dataset;
      if (TABLES.includes(name)) each.disabled = !world || (OF_CHANGES.has(name) && !world.whatif);
    }
  }

  node.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || box.hidden) return;
    show(false);
    open.focus();
  });
  document.addEventListener('pointerdown', (event) => !box.hidden && !node.contains(event.target) && show(false));
  subscribe(() => !box.hidden && offer());
}

async function figure(app, name, form) {
  const drawing = DRAWINGS[name](app);
  if (!drawing) throw new Error(t('download.no-drawing'));
  const palette = colours();
  const state = getState();
  const shown = { layer: state.layer, difference: sideOf(state, app.world()) === 'difference', spread: state.show === 'spread', colours: palette };
  const legend = name === 'map' ? (zoom, scale) => figureLegend({ ...shown, zoom, scale }) : () => timelineKey(app, palette);
  const made = figureOf(drawing, { ...(await words(app, name)), ...palette, legend });
  download(`${fileName(name)}.${form}`, form === 'svg' ? svgBlob(made) : await pngBlob(made));
}

async function words(app, name) {
  const state = getState();
  const unit = app.country.units.find((each) => each.id === state.unit) ?? app.country.units.at(-1);
  const account = app.country.accounts.find((each) => each.name === state.account)?.title ?? state.account;
  const { query } = await getJson(`/api/link?${queryOf()}`);
  const values = { layer: layerName(state.layer), moment: moment(state.hour), place: unit.label, episode: app.country.episode.title };
  const made = [
    state.run ? t('share.run', { run: state.run }) : t('share.account', { account }),
    t('share.seed', { seed: String(state.seed), count: state.members }),
    state.change && t('share.change', { change: changeWords(app, state.change) }),
    !state.run && t(`share.mode.${modeOf(state)}`),
    state.change && t('download.side', { side: t(`whatif.side.${state.side}`) }),
  ].filter(Boolean).join(' ');
  // The software, and the sources by their short names; tables hold the whole list.
  const [citation] = [app.world()?.citation ?? app.country.citation].flat();
  const sources = app.country.sources.map((source) => source.short).join('; ');
  const difference = sideOf(state, app.world()) === 'difference';
  const show = difference && state.show === 'median' ? 'mean' : state.show;
  const shows = name === 'map'
    ? t('download.shows', { show: t(`download.show.${show}`) })
    : t(difference ? 'download.shows-timeline-difference' : 'download.shows-timeline');
  return {
    title: t(difference ? `download.title-${name}-difference` : `download.title-${name}`, values),
    lines: [shows, made, t('download.model'), t('download.source', { what: citation, sources }), t('download.restore', { link: linkOf(query, state) })],
  };
}

async function table(app, name) {
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
