/**
 * The story: the hour in words, the moments that matter, and how to read all this.
 */
import { h, say } from './dom.js';
import { captionOf, happenings, localMoment, recent, unitName } from './captions.js';
import { keyMoments } from './moments.js';
import { sideOf } from './view.js';
import { num, t } from './texts.js';

/** A place with fewer people than this is not called the largest crowd. */
const WORTH = 10;

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mount(root, app) {
  const now = {
    when: h('h3', { class: 'story-when' }),
    crowd: h('p', null), where: h('p', null), dead: h('p', null),
    done: h('ul', { class: 'story-done' }),
  };
  const moments = h('ol', { class: 'moments' });
  const tally = h('div', null);
  root.append(
    h('div', { class: 'story-now' }, now.when, now.crowd, now.where, now.dead, now.done),
    h('h3', null, t('story.moments')), h('p', { class: 'lead' }, t('story.moments-lead')), moments,
    h('h3', null, t('story.tally')), tally,
    h('h3', null, t('story.reading')),
    h('ul', { class: 'plain-list' }, ['median', 'range', 'spread', 'sources'].map((key) => h('li', null,
      h('b', null, t(`story.read.${key}-name`)), ' ', t(`story.read.${key}`)))),
    h('p', { class: 'caveat' }, t('story.caveat')),
    ...(document.documentElement.lang === 'en' ? [] : [h('p', { class: 'caveat' }, t('about.review'))]));
  const renew = () => {
    drawMoments(moments, app);
    drawTally(tally, app);
    drawNow(now, app);
  };
  const visible = () => app.getState().panel === 'story';
  app.view.subscribe(renew);
  app.onWorld(renew);
  app.subscribe((state, changed) => {
    if (!visible()) return;
    if (changed.has('hour') || changed.has('unit') || changed.has('panel')) drawNow(now, app);
    markMoment(moments, state.hour);
  });
  renew();
}

function drawNow(now, app) {
  const state = app.getState();
  const unit = app.unitNumber(state.unit);
  const place = unitName(app.unit(state.unit));
  say(now.when, localMoment(app, state));
  const crowd = quantiles(app, 'crowd', state.hour, unit);
  const dead = quantiles(app, 'deaths', state.hour, unit);
  const nothing = app.failed() ? '' : t('story.waiting');
  say(now.crowd, crowd ? t(crowd.value >= 1 ? 'story.crowd' : 'story.nobody', spoken(crowd, place)) : nothing);
  say(now.where, crowd ? whereMost(app, state) : '');
  say(now.dead, dead ? t(dead.high >= 1 ? 'story.dead' : 'story.none-dead', spoken(dead, place)) : '');
  const done = recent(happenings(app.country, app.world(), sideOf(state, app.world())), state.hour);
  const key = done.map((each) => `${each.name} ${each.hour}`).join();
  if (now.done.dataset.shown === key) return;
  now.done.dataset.shown = key;
  now.done.replaceChildren(...done.map((each) => h('li', null, captionOf(each))));
}

function quantiles(app, layer, hour, unit) {
  const held = app.view.told(layer);
  if (!held) return null;
  const of = (part) => held.frames.at(part, hour, unit);
  return { low: of(0), value: of(2), high: of(held.frames.parts - 1) };
}

function spoken({ value, low, high }, place) {
  return { value: num(value), low: num(low), high: num(high), place, count: Math.round(value) };
}

function whereMost(app, state) {
  const { frames } = app.view.told('crowd');
  const inside = app.unit(state.unit);
  if (inside.kind === 'place') return '';
  const largest = app.country.units
    .map((unit, k) => ({ unit, crowd: unit.kind === 'place' ? frames.at(2, state.hour, k) : 0 }))
    .filter(({ unit, crowd }) => crowd >= WORTH && unit.town && (inside.kind === 'country' || unit.region === inside.region))
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
  h('span', null, each.words)))));
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

function tallyBar(use, { hit, near, miss }) {
  const total = hit + near + miss;
  if (!total) return null;
  const part = (name, count) => h('span', { class: `tally-${name}`, style: { 'flex-grow': String(count) } });
  return h('div', { class: 'tally' },
    h('p', null, t(`story.tally-${use}`, { hit, near, miss, total })),
    h('div', { class: 'tally-bar', 'aria-hidden': 'true' }, part('hit', hit), part('near', near), part('miss', miss)));
}
