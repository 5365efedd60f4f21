/**
 * The controls of time: buttons, the scrubber, keys, and the days of the brush.
 */
import { h, put, say, svg } from './dom.js';
import { day, time } from './clock.js';
import { SPEEDS } from './playback.js';
import { clockPlace, localMoment } from './captions.js';
import { exact, t } from './texts.js';

const DAY = 24;

/**
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mountPlaybar(root, app) {
  const { playback, country } = app;
  const button = iconButton('play.play', 'M6 4 L20 12 L6 20 Z', () => playback.toggle(), 'play-main');
  const scrub = h('input', {
    type: 'range', class: 'scrub', min: 0, max: country.hours - 1, step: 1,
    'aria-label': t('play.scrub'), oninput: () => playback.go(Number(scrub.value)),
  });
  const clock = h('output', { class: 'play-clock', 'aria-hidden': 'true' });
  root.append(
    h('div', { class: 'play-buttons', role: 'group', 'aria-label': t('play.title') },
      iconButton('play.day-back', 'M11 5 L4 12 L11 19 M20 5 L13 12 L20 19', () => playback.step(-DAY)),
      iconButton('play.hour-back', 'M15 5 L8 12 L15 19', () => playback.step(-1)),
      button,
      iconButton('play.hour-on', 'M9 5 L16 12 L9 19', () => playback.step(1)),
      iconButton('play.day-on', 'M4 5 L11 12 L4 19 M13 5 L20 12 L13 19', () => playback.step(DAY))),
    h('label', { class: 'field play-speed' }, h('span', { class: 'unseen' }, t('play.speed')), speeds(playback)),
    clock, scrub, brushFields(app));
  keys(root, scrub, app);
  playback.subscribe((playing) => look(button, playing));
  const update = (state) => {
    scrub.value = String(state.hour);
    const text = localMoment(app, state);
    put(scrub, 'aria-valuetext', text);
    const hour = state.hour + clockPlace(app, state).offset;
    say(clock, t('common.moment', { day: day(hour, 'short'), time: time(hour) }));
  };
  app.subscribe((state, changed) => { if (changed.has('hour') || changed.has('unit')) update(state); });
  update(app.getState());
}

function look(button, playing) {
  const name = t(playing ? 'play.pause' : 'play.play');
  button.setAttribute('aria-label', name);
  button.title = name;
  button.querySelector('path').setAttribute('d', playing ? 'M6 4H10V20H6Z M14 4H18V20H14Z' : 'M6 4 L20 12 L6 20 Z');
}

function iconButton(key, d, act, extra = '') {
  return h('button', {
    type: 'button', class: `icon-button ${extra}`, 'aria-label': t(key), title: t(key), onclick: act,
  }, svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }, svg('path', { d })));
}

function speeds(playback) {
  return h('select', {
    value: '1', title: t('play.speed'), onchange: (event) => playback.speed(Number(event.target.value)),
  }, SPEEDS.map((speed) => h('option', { value: speed }, t('play.times', { speed: exact(speed) }))));
}

/** Two selects of days: the brush without a mouse. */
function brushFields(app) {
  const { hours } = app.country;
  const days = Array.from({ length: hours / DAY }, (_, k) => k);
  const option = (k) => h('option', { value: k }, day(k * DAY, 'short'));
  const from = h('select', { onchange: () => set('from') }, h('option', { value: '' }, t('timeline.any')), days.map(option));
  const to = h('select', { onchange: () => set('to') }, h('option', { value: '' }, t('timeline.any')), days.map(option));
  const reset = h('button', { type: 'button', class: 'plain', onclick: () => app.setState({ from: null, to: null }) }, t('timeline.clear'));
  const set = (which) => {
    let [a, b] = [from.value, to.value].map((value) => (value === '' ? null : Number(value)));
    if (a === null && b === null) return app.setState({ from: null, to: null });
    a = a ?? (which === 'from' ? 0 : b);
    b = b ?? (which === 'to' ? days.length - 1 : a);
    if (which === 'from' && b < a) b = a;
    if (which === 'to' && a > b) a = b;
    return app.setState({ from: a * DAY, to: (b + 1) * DAY });
  };
  const update = (state) => {
    const brushed = state.from !== null && state.to !== null;
    from.value = brushed ? String(Math.floor(state.from / DAY)) : '';
    to.value = brushed ? String(Math.floor((state.to - 1) / DAY)) : '';
    reset.hidden = !brushed;
  };
  app.subscribe((state, changed) => { if (changed.has('from') || changed.has('to')) update(state); });
  update(app.getState());
  return h('div', { class: 'brush-fields', role: 'group', 'aria-label': t('timeline.brush') },
    h('label', null, t('timeline.from'), from), h('label', null, t('timeline.to'), to), reset);
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: DAY, PageDown: -DAY };

function keys(root, scrub, { playback, country, setState, getState }) {
  const act = (event) => {
    if (event.key === ' ') playback.toggle();
    else if (event.key === 'Home') playback.go(0);
    else if (event.key === 'End') playback.go(country.hours - 1);
    else if (event.key in STEPS) playback.step(STEPS[event.key] * (event.shiftKey && event.key.startsWith('Arrow') ? DAY : 1));
    else return;
    event.preventDefault();
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === 'Escape' && getState().from !== null) setState({ from: null, to: null });
    const { target } = event;
    const free = target === document.body || target === document.documentElement
      || target.id === 'stage' || target === scrub || target === root;
    const onButton = root.contains(target) && target.tagName === 'BUTTON' && event.key !== ' ';
    if (free || onButton) act(event);
  });
}
