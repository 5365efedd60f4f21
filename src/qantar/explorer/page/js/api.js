/**
 * Requests to the local server, whether it still answers, and jobs that it runs in the background.
 */
/** An error with the texts that the server wrote for the reader. */
export class ApiError extends Error {
  /**
   * @param {{code: string, message: string, expected?: string, hint?: string, status?: number}} what
   */
  constructor({ code, message, expected = '', hint = '', status = 0 }) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.expected = expected;
    this.hint = hint;
    this.status = status;
  }
}

/** Code of the error raised when the server cannot be reached. */
export const UNREACHABLE = 'away';

/** Fires `lost` when the server stops answering and `restored` when it answers again. */
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
 * @returns {Promise<Float32Array>} sent as little-endian bytes
 */
export async function getFloats(path, options = {}) {
  return toFloats(await (await request(path, options)).arrayBuffer());
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
  const response = await request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

/**
 * Delete something.
 * @param {string} path
 * @returns {Promise<*>} what the server said, or null
 */
export async function remove(path) {
  const response = await request(path, { method: 'DELETE' });
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

/**
 * Whether a request was cancelled by the page itself.
 * @param {Error} error
 * @returns {boolean}
 */
export function isAborted(error) {
  return error?.name === 'AbortError';
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...options });
  } catch (error) {
    if (isAborted(error)) throw error;
    setReachable(false);
    throw new ApiError({ code: UNREACHABLE, message: error.message });
  }
  setReachable(true);
  if (!response.ok) throw await errorFrom(response);
  return response;
}

function setReachable(isReachable) {
  if (isReachable === reachable) return;
  reachable = isReachable;
  connection.dispatchEvent(new Event(isReachable ? 'restored' : 'lost'));
}

async function errorFrom(response) {
  let details = {};
  try {
    details = (await response.json()).error ?? {};
  } catch {
    // An error page of a proxy, for example, is not JSON.
  }
  return new ApiError({
    code: `http-${response.status}`,
    message: response.statusText || String(response.status),
    ...details,
    status: response.status,
  });
}

/** Whether arrays of this machine have the byte order of the server. */
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function toFloats(buffer) {
  if (LITTLE_ENDIAN) return new Float32Array(buffer);
  const view = new DataView(buffer);
  return Float32Array.from({ length: buffer.byteLength / 4 }, (_, k) => view.getFloat32(4 * k, true));
}

// Background jobs

/** Milliseconds until a job is asked about again: at first, and at most. */
const FIRST_DELAY = 250;
const MAX_DELAY = 1500;
const FINISHED = new Set(['done', 'failed', 'stopped']);

/**
 * Poll a job until it is finished, less and less often.
 * @param {string} id
 * @param {(job: Object|null, error?: Error) => void} onReport called with every report, and with an
 *   error if the job could not be followed
 * @returns {() => void} stops polling; the job itself goes on
 */
export function watchJob(id, onReport) {
  let timer = 0;
  let delay = FIRST_DELAY;
  let cancelled = false;
  async function poll() {
    try {
      const job = await getJson(`/api/jobs/${encodeURIComponent(id)}`);
      if (cancelled) return;
      onReport(job);
      if (isFinished(job)) return;
      delay = Math.min(MAX_DELAY, delay * 1.2);
      timer = setTimeout(poll, delay);
    } catch (error) {
      if (!cancelled) onReport(null, error);
    }
  }
  poll();
  return () => {
    cancelled = true;
    clearTimeout(timer);
  };
}

/**
 * Whether a job is done, has failed or was stopped.
 * @param {Object} job
 * @returns {boolean}
 */
export function isFinished(job) {
  return FINISHED.has(job.status);
}

/**
 * Stop a job on the server.
 * @param {string} id
 * @returns {Promise<*>}
 */
export function stopJob(id) {
  return remove(`/api/jobs/${encodeURIComponent(id)}`);
}
