/**
 * What went wrong, said beside the control that asked for it.
 */
import { h } from './dom.js';
import { has, t } from './texts.js';

/**
 * @param {Error & {code?: string, expected?: string, mend?: string}} error
 * @param {{onRetry?: () => void}} [options]
 * @returns {HTMLElement}
 */
export function problem(error, { onRetry } = {}) {
  const own = `error.${error.code}`;
  const retry = onRetry && h('button', { type: 'button', class: 'quiet', onclick: onRetry }, t('error.retry'));
  return h('div', { class: 'problem', role: 'alert' },
    h('p', null, h('strong', null, t('error.title')), ' ', capital(has(own) ? t(own) : error.message)),
    error.expected && h('p', null, t('error.expected', { what: open(error.expected) })),
    error.mend && h('p', null, t('error.mend', { what: open(error.mend) })),
    retry);
}

/**
 * A sentence of the server, begun as a sentence.
 * @param {string|null} [text]
 * @returns {string}
 */
export function capital(text) {
  const own = text ?? '';
  return own.charAt(0).toUpperCase() + own.slice(1);
}

/** A part of a sentence: what follows it ends it. */
function open(text) {
  return text.replace(/[.\s]+$/, '');
}

/**
 * Whether a request was given up on purpose.
 * @param {Error} error
 * @returns {boolean}
 */
export function givenUp(error) {
  return error?.name === 'AbortError';
}
