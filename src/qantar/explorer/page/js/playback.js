/**
 * Time that passes: which hour is shown, and how fast it moves.
 */
import { getState, setState, subscribe } from './state.js';
import { calm } from './theme.js';

/** Hours a second at normal speed. */
const PACE = 6;
/** With reduced motion days follow each other this slowly, in milliseconds at normal speed. */
const DAY_LASTS = 1500;

/** Speeds to choose from. */
export const SPEEDS = Object.freeze([0.5, 1, 2, 4]);

/**
 * @param {number} hours of the window
 * @returns {{playing: () => boolean, toggle: () => void, stop: () => void,
 *   step: (hours: number) => void, go: (hour: number) => void, speed: (value?: number) => number,
 *   subscribe: (listener: (playing: boolean) => void) => void}}
 */
export function createPlayback(hours) {
  const listeners = new Set();
  const now = { playing: false, speed: 1, frame: 0, last: 0, exact: 0, own: false };

  const tell = () => listeners.forEach((listener) => listener(now.playing));
  const last = hours - 1;
  const move = (hour) => {
    now.own = true;
    setState({ hour: Math.min(Math.max(Math.floor(hour), 0), last) });
    now.own = false;
  };

  const stop = () => {
    if (!now.playing) return;
    now.playing = false;
    cancelAnimationFrame(now.frame);
    tell();
  };

  const tick = (time) => {
    if (!now.playing) return;
    const gone = Math.min(time - now.last, 250);
    if (calm.matches) {
      if (time - now.last >= DAY_LASTS / now.speed) {
        now.exact = (Math.floor(getState().hour / 24) + 1) * 24 + 12;
        now.last = time;
        move(now.exact);
      }
    } else {
      now.exact += (gone / 1000) * PACE * now.speed;
      now.last = time;
      move(now.exact);
    }
    if (getState().hour >= last) stop();
    else now.frame = requestAnimationFrame(tick);
  };

  const play = () => {
    const { hour } = getState();
    now.exact = hour >= last ? 0 : hour;
    now.playing = true;
    now.last = performance.now();
    move(now.exact);
    tell();
    now.frame = requestAnimationFrame(tick);
  };

  // Somebody else moved the hour: go on from there.
  subscribe((state, changed) => { if (changed.has('hour') && !now.own) now.exact = state.hour; });

  return {
    playing: () => now.playing,
    toggle: () => (now.playing ? stop() : play()),
    stop,
    step(by) { stop(); move(getState().hour + by); },
    go(hour) { stop(); move(hour); },
    speed(value) { if (value) now.speed = value; return now.speed; },
    subscribe: (listener) => listeners.add(listener),
  };
}
