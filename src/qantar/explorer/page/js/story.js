/**
 * Story tab: the hour in sentences, key moments, how the model scores, and how to read the page.
 */
import { h, setText } from './dom.js';
import { actionCaption, keyMoments, recentActions } from './events.js';
import { MEDIAN } from './frames.js';
import { localTime, num, t, unitName } from './texts.js';

/** Places with fewer people are not named among the largest crowds. */
const MIN_CROWD = 10;

/**
 * Mount the tab.
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  // Elements of the sentences on the current hour.
  const current = {
    when: h('h3', { class: 'story-when' }),
    crowd: h('p', null), where: h('p', null), dead: h('p', null),
    done: h('ul', { class: 'story-done' }),
  };
  const moments = h('ol', { class: 'moments' });
  const tally = h('div', null);
  root.append(
    storyOrder(app),
    h('div', { class: 'story-now' }, current.when, current.crowd, current.where, current.dead, current.done),
    h('h3', null, t('story.moments')), h('p', { class: 'lead' }, t('story.moments-lead')), moments,
    h('h3', null, t('story.tally')), tally,
    h('h3', null, t('story.reading')),
    h('ul', { class: 'plain-list' }, ['median', 'range', 'spread', 'sources'].map((key) => h('li', null,
      h('b', null, t(`story.read.${key}-name`)), ' ', t(`story.read.${key}`)))),
    h('p', { class: 'caveat' }, t('story.caveat')),
    ...(document.documentElement.lang === 'en' ? [] : [h('p', { class: 'caveat' }, t('about.review'))]));
  const redraw = () => {
    drawMoments(moments, app);
    drawTally(tally, app);
    drawNow(current, app);
  };
  const visible = () => app.getState().panel === 'story';
  app.frames.subscribe(redraw);
  app.onWorld(redraw);
  app.subscribe((state, changed) => {
    if (!visible()) return;
    if (changed.has('hour') || changed.has('unit') || changed.has('panel')) drawNow(current, app);
    markMoment(moments, state.hour);
  });
  redraw();
}

/** The three parts of the story: thirty years, two weeks, what may follow. */
function storyOrder(app) {
  const part = (key, panel) => h('li', null, h('button', {
    type: 'button',
    class: 'moment',
    'aria-current': panel === 'story' ? 'step' : null,
    onclick: () => { app.setState({ panel }, { push: true }); },
  }, h('b', null, t(`story.order.${key}-name`)), h('span', null, t(`story.order.${key}`))));
  return h('nav', { 'aria-label': t('story.order.label') }, h('ol', { class: 'moments' },
    part('years', 'years'), part('weeks', 'story'), part('later', 'years')));
}

function drawNow(current, app) {
  const state = app.getState();
  const unit = app.unitIndex(state.unit);
  const place = unitName(app.unit(state.unit));
  setText(current.when, localTime(app, state));
  const crowd = quantiles(app, 'crowd', state.hour, unit);
  const dead = quantiles(app, 'deaths', state.hour, unit);
  const nothing = app.failed() ? '' : t('story.waiting');
  setText(current.crowd, crowd ? t(crowd.value >= 1 ? 'story.crowd' : 'story.nobody', valuesFor(crowd, place)) : nothing);
  setText(current.where, crowd ? largestCrowds(app, state) : '');
  setText(current.dead, dead ? t(dead.high >= 1 ? 'story.dead' : 'story.none-dead', valuesFor(dead, place)) : '');
  const actions = recentActions(app, state);
  const key = actions.map((each) => `${each.name} ${each.hour}`).join();
  if (current.done.dataset.shown === key) return;
  current.done.dataset.shown = key;
  current.done.replaceChildren(...actions.map((each) => h('li', null, actionCaption(each))));
}

function quantiles(app, layer, hour, unit) {
  const loaded = app.frames.headline(layer);
  if (!loaded) return null;
  const of = (part) => loaded.frames.at(part, hour, unit);
  return { low: of(0), value: of(2), high: of(loaded.frames.quantiles - 1) };
}

function valuesFor({ value, low, high }, place) {
  return { value: num(value), low: num(low), high: num(high), place, count: Math.round(value) };
}

function largestCrowds(app, state) {
  const { frames } = app.frames.headline('crowd');
  const inside = app.unit(state.unit);
  if (inside.kind === 'place') return '';
  const largest = app.country.units
    .map((unit, k) => ({ unit, crowd: unit.kind === 'place' ? frames.at(MEDIAN, state.hour, k) : 0 }))
    .filter(({ unit, crowd }) => crowd >= MIN_CROWD && unit.town && (inside.kind === 'country' || unit.region === inside.region))
    .sort((a, b) => b.crowd - a.crowd)
    .slice(0, 3);
  if (!largest.length) return '';
  return t('story.where', {
    places: largest.map(({ unit, crowd }) => t('story.place', { name: unit.label, value: num(crowd) })).join(', '),
  });
}

function drawMoments(root, app) {
  const { hour } = app.getState();
  root.replaceChildren(...keyMoments(app).map((each) => h('li', null, h('button', {
    type: 'button',
    class: `moment moment-${each.kind}`,
    'data-hour': each.hour,
    'aria-current': each.hour === hour ? 'time' : null,
    onclick: () => { app.playback.go(each.hour); },
  }, h('span', { class: 'moment-when' }, each.when),
  h('span', null, each.text)))));
}

function markMoment(root, hour) {
  for (const button of root.querySelectorAll('button')) {
    const here = Number(button.dataset.hour) === hour;
    if (here !== button.hasAttribute('aria-current')) button.toggleAttribute('aria-current', here);
    if (here) button.setAttribute('aria-current', 'time');
  }
}

function drawTally(root, app) {
  const tally = app.world()?.tally;
  if (!tally) {
    root.replaceChildren(h('p', null, t(app.world() ? 'story.no-tally' : 'story.waiting')));
    return;
  }
  root.replaceChildren(
    ...['fit', 'held'].filter((use) => tally[use]).map((use) => tallyBar(use, tally[use])),
    h('button', { type: 'button', class: 'link', onclick: () => app.select({ panel: 'evidence' }) }, t('story.to-evidence')));
}

function tallyBar(use, { hit, near, miss, uninformative = 0 }) {
  const total = hit + near + miss + uninformative;
  if (!total) return null;
  const part = (name, count) => h('span', { class: `tally-${name}`, style: { 'flex-grow': String(count) } });
  return h('div', { class: 'tally' },
    h('p', null, t(`story.tally-${use}`, { hit, near, miss, uninformative, total })),
    h('div', { class: 'tally-bar', 'aria-hidden': 'true' }, part('hit', hit), part('near', near), part('miss', miss), part('uninformative', uninformative)));
}
