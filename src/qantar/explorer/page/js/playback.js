/**
 * Playback: the hour that is shown, how fast it advances, and the controls for it.
 */
import { h, setAttr, setText, svg } from './dom.js';
import { getState, setState, subscribe } from './state.js';
import { clockPlace, day, exact, localTime, t, time } from './texts.js';
import { reducedMotion } from './theme.js';

/** Hours per second at normal speed. */
const HOURS_PER_SECOND = 6;
/** With reduced motion whole days are shown, each for so many milliseconds at normal speed. */
const DAY_DURATION = 1500;

/** Speeds to choose from, relative to normal. */
const SPEEDS = Object.freeze([0.5, 1, 2, 4]);

/**
 * Create the playback, which advances the hour of the state.
 * @param {number} hours of the episode
 * @returns {{playing: () => boolean, toggle: () => void, stop: () => void,
 *   step: (hours: number) => void, go: (hour: number) => void, speed: (value?: number) => number,
 *   subscribe: (listener: (playing: boolean) => void) => void}}
 */
export function createPlayback(hours) {
  const listeners = new Set();
  const now = { playing: false, speed: 1, frame: 0, last: 0, exact: 0, ownMove: false };

  const notify = () => listeners.forEach((listener) => listener(now.playing));
  const last = hours - 1;
  const moveTo = (hour) => {
    now.ownMove = true;
    setState({ hour: Math.min(Math.max(Math.floor(hour), 0), last) });
    now.ownMove = false;
  };

  const stop = () => {
    if (!now.playing) return;
    now.playing = false;
    cancelAnimationFrame(now.frame);
    notify();
  };

  const onFrame = (time) => {
    if (!now.playing) return;
    const elapsed = Math.min(time - now.last, 250);
    if (reducedMotion.matches) {
      if (time - now.last >= DAY_DURATION / now.speed) {
        now.exact = (Math.floor(getState().hour / 24) + 1) * 24 + 12;
        now.last = time;
        moveTo(now.exact);
      }
    } else {
      now.exact += (elapsed / 1000) * HOURS_PER_SECOND * now.speed;
      now.last = time;
      moveTo(now.exact);
    }
    if (getState().hour >= last) stop();
    else now.frame = requestAnimationFrame(onFrame);
  };

  const play = () => {
    const { hour } = getState();
    now.exact = hour >= last ? 0 : hour;
    now.playing = true;
    now.last = performance.now();
    moveTo(now.exact);
    notify();
    now.frame = requestAnimationFrame(onFrame);
  };

  // The hour was changed from elsewhere: continue from there.
  subscribe((state, changed) => { if (changed.has('hour') && !now.ownMove) now.exact = state.hour; });

  return {
    playing: () => now.playing,
    toggle: () => (now.playing ? stop() : play()),
    stop,
    step(by) { stop(); moveTo(getState().hour + by); },
    go(hour) { stop(); moveTo(hour); },
    speed(value) { if (value) now.speed = value; return now.speed; },
    subscribe: (listener) => listeners.add(listener),
  };
}

// Controls

const DAY = 24;

/**
 * Mount the controls: buttons, speed, slider of hours, selected days, and the keys of the whole page.
 * @param {HTMLElement} root
 * @param {Object} app
 */
export function mountPlaybar(root, app) {
  const { playback, country } = app;
  const playButton = iconButton('play.play', 'M6 4 L20 12 L6 20 Z', () => playback.toggle(), 'play-main');
  const scrub = h('input', {
    type: 'range', class: 'scrub', min: 0, max: country.hours - 1, step: 1,
    'aria-label': t('play.scrub'), oninput: () => playback.go(Number(scrub.value)),
  });
  const speed = h('select', { value: '1', title: t('play.speed'), onchange: () => playback.speed(Number(speed.value)) },
    SPEEDS.map((each) => h('option', { value: each }, t('play.times', { speed: exact(each) }))));
  const clock = h('output', { class: 'play-clock', 'aria-hidden': 'true' });
  root.append(
    h('div', { class: 'play-buttons', role: 'group', 'aria-label': t('play.title') },
      iconButton('play.day-back', 'M11 5 L4 12 L11 19 M20 5 L13 12 L20 19', () => playback.step(-DAY)),
      iconButton('play.hour-back', 'M15 5 L8 12 L15 19', () => playback.step(-1)),
      playButton,
      iconButton('play.hour-on', 'M9 5 L16 12 L9 19', () => playback.step(1)),
      iconButton('play.day-on', 'M4 5 L11 12 L4 19 M13 5 L20 12 L13 19', () => playback.step(DAY))),
    h('label', { class: 'field play-speed' }, h('span', { class: 'visually-hidden' }, t('play.speed')), speed),
    clock, scrub, brushFields(app));
  bindKeys(root, scrub, app);
  playback.subscribe((playing) => showPlaying(playButton, playing));
  const update = (state) => {
    scrub.value = String(state.hour);
    const text = localTime(app, state);
    setAttr(scrub, 'aria-valuetext', text);
    const hour = state.hour + clockPlace(app, state).offset;
    setText(clock, t('common.moment', { day: day(hour, 'short'), time: time(hour) }));
  };
  app.subscribe((state, changed) => { if (changed.has('hour') || changed.has('unit')) update(state); });
  update(app.getState());
}

function showPlaying(playButton, playing) {
  const name = t(playing ? 'play.pause' : 'play.play');
  playButton.setAttribute('aria-label', name);
  playButton.title = name;
  playButton.querySelector('path').setAttribute('d', playing ? 'M6 4H10V20H6Z M14 4H18V20H14Z' : 'M6 4 L20 12 L6 20 Z');
}

function iconButton(key, d, act, extra = '') {
  return h('button', {
    type: 'button', class: `icon-button ${extra}`, 'aria-label': t(key), title: t(key), onclick: act,
  }, svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' }, svg('path', { d })));
}

/** Two selects of days, to select a range without a pointer. */
function brushFields(app) {
  const { hours } = app.country;
  const days = Array.from({ length: hours / DAY }, (_, k) => k);
  const option = (k) => h('option', { value: k }, day(k * DAY, 'short'));
  const from = h('select', { onchange: () => set('from') }, h('option', { value: '' }, t('timeline.any')), days.map(option));
  const to = h('select', { onchange: () => set('to') }, h('option', { value: '' }, t('timeline.any')), days.map(option));
  const reset = h('button', { type: 'button', class: 'plain', onclick: () => app.setState({ from: null, to: null }) }, t('timeline.clear'));
  const set = (which) => {
    let [first, last] = [from.value, to.value].map((value) => (value === '' ? null : Number(value)));
    if (first === null && last === null) return app.setState({ from: null, to: null });
    first = first ?? (which === 'from' ? 0 : last);
    last = last ?? (which === 'to' ? days.length - 1 : first);
    if (which === 'from' && last < first) last = first;
    if (which === 'to' && first > last) first = last;
    return app.setState({ from: first * DAY, to: (last + 1) * DAY });
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

const KEY_STEPS = { ArrowLeft: -1, ArrowRight: 1, PageUp: DAY, PageDown: -DAY };

function bindKeys(root, scrub, { playback, country, setState, getState }) {
  const act = (event) => {
    if (event.key === ' ') playback.toggle();
    else if (event.key === 'Home') playback.go(0);
    else if (event.key === 'End') playback.go(country.hours - 1);
    else if (event.key in KEY_STEPS) playback.step(KEY_STEPS[event.key] * (event.shiftKey && event.key.startsWith('Arrow') ? DAY : 1));
    else return;
    event.preventDefault();
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === 'Escape' && getState().from !== null) setState({ from: null, to: null });
    const { target } = event;
    const pageHasFocus = target === document.body || target === document.documentElement
      || target.id === 'map-section' || target === scrub || target === root;
    const onButton = root.contains(target) && target.tagName === 'BUTTON' && event.key !== ' ';
    if (pageHasFocus || onButton) act(event);
  });
}
