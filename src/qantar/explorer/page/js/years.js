/**
 * Years tab: the country month by month, what happened beside what the histories give, and the way into the
 * hours of a wave.
 *
 * Moments are months since the first one of the payload of `/api/years`, with fractions.
 */
import { getJson, post } from './api.js';
import { h, setAttr, setText } from './dom.js';
import { jobFinished } from './frames.js';
import { errorBox, progressBar } from './notices.js';
import { exact, formatAmount, percent, t } from './texts.js';
import { onTheme } from './theme.js';
import { countPeriod, countText, drawChart, firstYear, lastYear, MONTHS, moveCursor, seriesName, yearAt } from './yearcharts.js';

/** Hour at which an episode opens. */
const FIRST_HOUR = 24;

/**
 * Mount the tab.
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const body = h('div');
  root.append(h('h2', null, t('years.title')), h('p', null, t('years.intro')),
    h('p', { class: 'caution' }, t('years.no-forecast')), h('p', { class: 'caution' }, t('years.no-regions')), body);
  let requested = false;

  async function load() {
    if (requested || app.getState().panel !== 'years') return;
    requested = true;
    try {
      showYears(body, app, await requestYears(body, app));
    } catch (error) {
      requested = false;
      body.replaceChildren(errorBox(error, { onRetry: load }));
    }
  }

  app.subscribe((state, changed) => { if (changed.has('panel')) load(); });
  load();
}

/** Have the histories run, once for all readers of this server, and fetch what they give. */
async function requestYears(body, app) {
  const progress = progressBar(t('years.running'));
  progress.text.textContent = t('years.running');
  body.replaceChildren(h('div', { class: 'job' }, progress.text, progress.bar));
  const { job } = await post('/api/jobs', { query: app.queryOf(app.getState(), ['episode']), kind: 'years' });
  if (job !== null) await jobFinished(job, progress.show);
  return getJson('/api/years');
}

function showYears(body, app, found) {
  const chart = h('div', { class: 'years-chart' });
  const facts = h('div', { class: 'years-facts' });
  const slider = yearSlider(app, found);
  const view = { chart, found, width: 0 };
  body.replaceChildren(
    h('p', { class: 'aside' }, t('years.setting', { members: found.members, from: found.first, to: String(lastYear(found)), law: found.law, belief: t(`years.belief.${found.belief}`) })),
    slider.node, facts, chart, ...futures(found),
    h('p', { class: 'aside' }, t('years.again'), ' ', h('code', null, found.command)));
  const update = () => {
    const year = shownYear(app, found);
    slider.update(year);
    // What was unfolded stays so while the slider moves.
    const open = new Set([...facts.querySelectorAll('details')].filter((each) => each.open).map((each) => each.dataset.fold));
    facts.replaceChildren(...yearFacts(app, found, year));
    for (const each of facts.querySelectorAll('details')) each.open = open.has(each.dataset.fold);
    moveCursor(view, year);
  };
  const redraw = () => {
    if (!view.width) return;
    drawChart(view);
    moveCursor(view, shownYear(app, found));
  };
  new ResizeObserver(([entry]) => {
    const { width } = entry.contentRect;
    if (!width || Math.abs(width - view.width) < 1) return;
    view.width = width;
    redraw();
  }).observe(chart);
  onTheme(redraw);
  chart.addEventListener('click', (event) => {
    const year = yearAt(view, event.clientX);
    if (year !== null) app.setState({ year });
  });
  app.subscribe((state, changed) => { if (changed.has('year')) update(); });
  update();
}

const yearOf = (date) => Number(date.slice(0, 4));

function shownYear(app, found) {
  const year = app.getState().year ?? yearOf(found.dated_until);
  return Math.min(Math.max(year, firstYear(found)), lastYear(found));
}

// The slider, and the chosen year in words

function yearSlider(app, found) {
  const input = h('input', {
    type: 'range', id: 'years-slider', min: firstYear(found), max: lastYear(found), step: 1,
    oninput: () => app.setState({ year: Number(input.value) }),
  });
  const label = h('label', { for: 'years-slider' });
  const opened = found.waves.filter((wave) => wave.episode);
  const buttons = opened.map((wave) => h('button', {
    type: 'button', class: 'quiet', title: wave.episode.title, onclick: () => app.setState({ year: yearOf(wave.date) }),
  }, String(yearOf(wave.date))));
  const node = h('div', { class: 'status-holder years-slider' },
    h('div', { class: 'setting' }, label, input),
    opened.length > 0 && h('p', { class: 'actions' }, h('span', { class: 'aside' }, t('years.opened')), buttons));
  return {
    node,
    update(year) {
      const later = year > yearOf(found.dated_until);
      const text = t(later ? 'years.year-later' : 'years.year', { year: String(year) });
      input.value = String(year);
      setAttr(input, 'aria-valuetext', text);
      setText(label, text);
      opened.forEach((wave, k) => setAttr(buttons[k], 'aria-pressed', String(yearOf(wave.date) === year)));
    },
  };
}

function yearFacts(app, found, year) {
  const from = MONTHS * (year - firstYear(found));
  const waves = found.waves.filter((wave) => yearOf(wave.date) === year);
  const acts = found.acts.filter((act) => yearOf(act.date) === year);
  const counts = found.monitors.flatMap((monitor) => monitor.counts
    .filter((count) => count.from < from + MONTHS - 0.5 && count.to > from + 0.5)
    .map((count) => h('li', null, h('span', { lang: 'en' }, monitor.label), `, ${countPeriod(count)}: `, countText(count))));
  const later = year > yearOf(found.dated_until);
  return [
    later && h('p', { class: 'aside' }, t('years.later')),
    waves.length > 0 && h('ul', { class: 'plain' }, waves.map((wave) => waveItem(app, found, wave))),
    !later && !waves.length && h('p', { class: 'aside' }, t('years.no-trigger')),
    counts.length > 0 && h('details', { class: 'fold', 'data-fold': 'counts' }, h('summary', null, t('years.counts', { count: counts.length })), h('ul', { class: 'sentences aside' }, counts)),
    acts.length > 0 && h('details', { class: 'fold', 'data-fold': 'acts' }, h('summary', null, t('years.acts', { count: acts.length })),
      h('ul', { class: 'sentences aside' }, acts.map((act) => h('li', null, `${act.date}, ${t(`years.kind.${act.kind}`)}: `, h('span', { lang: 'en' }, act.label))))),
    h('details', { class: 'fold', 'data-fold': 'numbers' }, h('summary', null, t('years.numbers')), numbersTable(found, from)),
  ].filter(Boolean);
}

/** A dated trigger: what happened, what the histories give, and a link to its hours. */
function waveItem(app, found, wave) {
  const regions = found.region_count;
  const answers = wave.answered.map((kind) => t(`years.lane.${kind}`)).join(', ');
  return h('li', { class: 'claim' },
    h('p', { class: 'says' }, `${wave.date}: `, h('span', { lang: 'en' }, wave.label)),
    h('p', { class: 'aside' }, t(wave.observed === null ? 'years.not-known' : 'years.observed', { regions: wave.observed ?? 0, all: regions }), ' ',
      t('years.simulated', { middle: Math.round(wave.middle), low: Math.round(wave.low), high: Math.round(wave.high) })),
    h('p', { class: 'aside' }, answers ? t('years.answered', { answers }) : t('years.not-answered'), ' ',
      t('years.answers', { concede: percent(wave.answers.concede), promise: percent(wave.answers.promise), repress: percent(wave.answers.repress) })),
    wave.national && h('p', { class: 'aside' }, t('years.national', {
      chance: percent(wave.national.chance), prior: percent(wave.national.prior),
      before: percent(wave.national.before), alone: percent(wave.national.prior_before),
    })),
    wave.episode && h('p', { class: 'actions' }, episodeLink(app, wave.episode)));
}

/** The hours of an episode: another one is a page of its own, as map, sources and clock belong to it. */
function episodeLink(app, { name, title }) {
  const { lang } = app.getState();
  const query = new URLSearchParams({ episode: name, hour: FIRST_HOUR, ...(lang ? { lang } : {}) });
  const here = name === app.country.episode.name;
  const show = (event) => {
    if (!here || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    app.setState({ panel: 'story' }, { push: true });
    document.getElementById('map-section')?.focus();
  };
  return h('a', { class: 'quiet', href: `?${query}`, onclick: show }, t('years.open'), ' ', h('span', { lang: 'en' }, title));
}

/** Median and range of every series in the middle of the year. */
function numbersTable(found, from) {
  const month = Math.min(from + MONTHS / 2, found.months - 1);
  const cell = (series) => {
    const part = series.later && month >= series.later.start ? series.later : series.free;
    const k = Math.min(month - part.start, part.middle.length - 1);
    const [low, middle, high] = [part.low[k], part.middle[k], part.high[k]].map(small);
    return low === high ? middle : t('years.range', { middle, low, high });
  };
  return h('table', { class: 'numbers' },
    h('tbody', null, found.series.map((series) => h('tr', null,
      h('th', { scope: 'row' }, seriesName(series)), h('td', { class: 'n' }, cell(series))))));
}

/** A number with two decimals below ten. */
function small(value) {
  return value !== null && Math.abs(value) < 9.95 ? exact(Number(value.toFixed(2))) : formatAmount(value);
}

/** Chances of further waves: never without what the prior alone gives. */
function futures(found) {
  const rows = found.futures.filter((row) => row.prior !== null);
  if (!rows.length) return [];
  const cell = (chance, error) => h('td', { class: 'n' }, `${percent(chance)} ± ${exact(Math.max(1, Math.round(100 * error)))}`);
  return [
    h('h3', null, t('years.futures.title')),
    h('p', null, t('years.futures.lead')),
    !found.fitted && h('p', { class: 'caution' }, t('years.futures.not-fitted')),
    h('table', { class: 'numbers' },
      h('thead', null, h('tr', null, ['wave', 'until', 'histories', 'prior'].map((name) => h('th', { scope: 'col' }, t(`years.futures.${name}`))))),
      h('tbody', null, rows.map((row) => h('tr', null,
        h('th', { scope: 'row' }, t(`years.scope.${row.scope}`)), h('td', null, row.until), cell(row.chance, row.error), cell(row.prior, row.prior_error))))),
  ].filter(Boolean);
}
