/**
 * Sends requests to the pipeline, and receives its events.
 *
 * @module
 */

/** An answer that is none. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 without a response.
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/** How long an answer may take, in milliseconds. */
const LIMIT_MS = 10_000;

/**
 * @param {string} path Behind `api/`.
 * @param {{ method?: string, query?: Record<string, string | readonly string[] | undefined> }} [options]
 * @returns {Promise<any>}
 */
export async function call(path, { method = "GET", query = {} } = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value ?? []].flat()) search.append(name, one);
  }
  const tail = search.size > 0 ? `?${search}` : "";
  /** @type {Response} */
  let response;
  try {
    response = await fetch(`api/${path}${tail}`, {
      method,
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  } catch {
    throw new ApiError(0, "The pipeline does not respond");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new ApiError(
    response.status,
    answer.error?.message ??
      `The server responded with status ${response.status}`,
  );
}

/**
 * @param {string} id Of a job.
 * @param {string} [action]
 * @param {Record<string, string>} [query] Of the action.
 */
export function callJob(id, action, query) {
  const path = `jobs/${encodeURIComponent(id)}`;
  return action === undefined
    ? call(`${path}?minor=1`) // "payload", not "instructions"
    : call(`${path}/${action}`, { method: "POST", query });
}

/**
 * Receives events; reconnects when the connection is lost.
 *
 * @param {Record<string, (data: any, topic: string) => void>} listeners By the beginning of the topic.
 * @param {(count: number | null) => void} onMissed
 */
export function listen(listeners, onMissed) {
  const search = new URLSearchParams({ last: "200" });
  for (const topic of Object.keys(listeners)) search.append("topic", topic);
  let seen = { epoch: "", place: 0 };
  const open = () => {
    const source = new EventSource(`events?${search}`);
    source.addEventListener("message", ({ data, lastEventId }) => {
      const [epoch = "", place = 0] = lastEventId.split("-");
      // A new connection begins with the remembered events.
      if (epoch === seen.epoch && Number(place) <= seen.place) return;
      seen = { epoch, place: Number(place) };
      const event = JSON.parse(data);
      for (const [topic, listener] of Object.entries(listeners)) {
        if (event.topic.startsWith(topic)) listener(event.data, event.topic);
      }
    });
    source.addEventListener("missed", ({ data }) => {
      onMissed(JSON.parse(data).count);
    });
    source.addEventListener("error", () => {
      // Refused: the browser does not try again by itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 3000);
    });
  };
  open();
}
