/**
 * The page's copy of the server's board: entries under keys such as `queue/routing`. Views say which keys they
 * care about and are called once per change of any of them, in the next frame.
 */
export function connectBoard({ onConnection }) {
  const entries = new Map();
  const views = [];
  let due = new Set();

  const touch = (key) => {
    const prefix = key.split('/', 1)[0];
    if (due.size === 0) setTimeout(render, 16);
    due.add(prefix);
  };
  const render = () => {
    const changed = due;
    due = new Set();
    for (const { prefixes, draw } of views) if (prefixes.some((prefix) => changed.has(prefix))) draw();
  };
  const apply = {
    snapshot(data) {
      for (const key of entries.keys()) if (!(key in data)) apply.patch({ set: {}, drop: [key] });
      apply.patch({ set: data, drop: [] });
    },
    patch({ set, drop }) {
      for (const [key, value] of Object.entries(set)) {
        entries.set(key, value);
        touch(key);
      }
      for (const key of drop) if (entries.delete(key)) touch(key);
    },
    beat() {},
  };
  listen(apply, onConnection);

  return {
    get: (key) => entries.get(key),
    /** Every entry under a prefix, in the order they came up. */
    list: (prefix) => [...entries].filter(([key]) => key.startsWith(`${prefix}/`)).map(([, value]) => value),
    view: (prefixes, draw) => views.push({ prefixes, draw }),
  };
}

/** Longer than the server's beat, twice over. */
const silenceMs = 12_000;
const retryMs = 1_000;

function listen(apply, onConnection) {
  const source = new EventSource('/api/events');
  let timer;
  const again = () => {
    clearTimeout(timer);
    source.close();
    onConnection(false);
    setTimeout(() => listen(apply, onConnection), retryMs);
  };
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(again, silenceMs);
  };
  for (const [name, handle] of Object.entries(apply)) {
    source.addEventListener(name, (event) => {
      watch();
      if (name === 'snapshot') onConnection(true);
      handle(JSON.parse(event.data));
    });
  }
  source.addEventListener('error', again);
  watch();
}
