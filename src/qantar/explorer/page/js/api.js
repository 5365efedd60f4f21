/**
 * Requests to the local server, and whether it still answers.
 */

/** What went wrong, in words that the server chose for the reader. */
export class ApiError extends Error {
  /**
   * @param {{code: string, message: string, expected?: string, mend?: string, status?: number}} what
   */
  constructor({ code, message, expected = '', mend = '', status = 0 }) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.expected = expected;
    this.mend = mend;
    this.status = status;
  }
}

/** Code of the error raised when the server cannot be reached. */
export const AWAY = 'away';

/** Fires `away` when the server stops answering and `back` when it answers again. */
export const connection = new EventTarget();
let reachable = true;

/**
 * @param {string} path
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<*>}
 */
export async function getJson(path, options = {}) {
  return (await request(path, options)).json();
}

/**
 * @param {string} path
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<Float32Array>} little endian on the wire
 */
export async function getFloats(path, options = {}) {
  return floats(await (await request(path, options)).arrayBuffer());
}

/**
 * @param {string} path
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<Blob>}
 */
export async function getBlob(path, options = {}) {
  return (await request(path, options)).blob();
}

/**
 * @param {string} path
 * @param {*} body sent as JSON
 * @returns {Promise<*>}
 */
export async function post(path, body) {
  const answer = await request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.json();
}

/**
 * Delete something.
 * @param {string} path
 * @returns {Promise<*>} what the server said, or null
 */
export async function remove(path) {
  const answer = await request(path, { method: 'DELETE' });
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

async function request(path, options) {
  let answer;
  try {
    answer = await fetch(path, { credentials: 'same-origin', ...options });
  } catch (problem) {
    if (problem.name === 'AbortError') throw problem;
    tell(false);
    throw new ApiError({ code: AWAY, message: problem.message });
  }
  tell(true);
  if (!answer.ok) throw await errorOf(answer);
  return answer;
}

function tell(answered) {
  if (answered === reachable) return;
  reachable = answered;
  connection.dispatchEvent(new Event(answered ? 'back' : 'away'));
}

async function errorOf(answer) {
  let told = {};
  try {
    told = (await answer.json()).error ?? {};
  } catch {
    // Not every failure comes from the program that speaks JSON.
  }
  return new ApiError({
    code: `http-${answer.status}`,
    message: answer.statusText || String(answer.status),
    ...told,
    status: answer.status,
  });
}

const LITTLE = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function floats(buffer) {
  if (LITTLE) return new Float32Array(buffer);
  const view = new DataView(buffer);
  return Float32Array.from({ length: buffer.byteLength / 4 }, (_, k) => view.getFloat32(4 * k, true));
}
