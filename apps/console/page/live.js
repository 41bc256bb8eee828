/**
 * Parts of the page that are asked again: `data-live` says where, `data-every` how often in ms, 0 only when something
 * has changed; `data-again` in an answer changes it. The server sends markup in which all that is not its own is escaped.
 */
export function connectLive(onChange) {
  const parts = [...document.querySelectorAll('[data-live]')].map((element) => ({ element, seen: '' }));
  const refresh = () => Promise.all(parts.map((part) => ask(part, onChange)));
  for (const part of parts) if (part.element.dataset.every !== '0') keepFresh(part, onChange, refresh);
  return { refresh };
}

async function keepFresh(part, onChange, refresh) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, Number(part.element.dataset.every)));
    if (document.hidden) continue;
    const before = stateOf(part);
    await ask(part, onChange);
    // A run has come to its end: what it was about is not what it was.
    if (before === 'running' && stateOf(part) !== 'running') await refresh();
  }
}

function stateOf({ element }) {
  return element.querySelector('[data-run]')?.dataset.state;
}

async function ask(part, onChange) {
  const { element } = part;
  const response = await fetch(element.dataset.live, {
    headers: { Accept: 'text/html', 'X-Switchyard-Console': '1' },
    signal: AbortSignal.timeout(8_000),
  }).catch(() => null);
  if (response?.status === 401) {
    location.reload();
    return;
  }
  element.toggleAttribute('data-stale', response?.ok !== true);
  if (response?.ok !== true) return;
  const markup = await response.text();
  // What somebody is about to press stays where it is.
  if (markup === part.seen || element.querySelector('button:active') !== null) return;
  part.seen = markup;
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.act : undefined;
  const parsed = new DOMParser().parseFromString(markup, 'text/html');
  element.replaceChildren(...parsed.body.childNodes);
  if (focused !== undefined) element.querySelector(`[data-act="${CSS.escape(focused)}"]`)?.focus();
  const again = element.querySelector('[data-again]')?.dataset.again;
  if (again !== undefined) element.dataset.every = again;
  onChange(element);
}
