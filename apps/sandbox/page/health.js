import { byId, h } from './dom.js';

/** The state of the whole line in the header, and what it runs with in the footer. */
export function showHealth(board) {
  let connected = false;
  const draw = () => {
    const { state, words } = verdict(board.list('process'), connected);
    const health = byId('health');
    health.dataset.state = state;
    health.lastElementChild.textContent = words;
    const about = board.get('about');
    if (about !== undefined) byId('foot').replaceChildren(...footer(about));
  };
  board.view(['process', 'about'], draw);
  return {
    connection(now) {
      connected = now;
      draw();
    },
  };
}

function verdict(processes, connected) {
  if (!connected) return { state: 'bad', words: 'Not connected to the sandbox' };
  const names = (...states) =>
    processes.filter(({ state }) => states.includes(state)).map(({ name }) => name);
  const off = names('off');
  const down = names('down');
  const starting = names('starting');
  const unready = names('not-ready');
  if (down.length > 0) return { state: 'bad', words: `${list(down)} down` };
  if (off.length > 0) return { state: 'warn', words: `${list(off)} switched off` };
  if (starting.length > 0) return { state: 'warn', words: `${list(starting)} starting` };
  if (unready.length > 0) return { state: 'warn', words: `${list(unready)} not ready` };
  return { state: 'good', words: 'All healthy' };
}

function list(names) {
  return names.length < 3 ? names.join(' and ') : `${names.length} processes`;
}

function footer({ chatwootUrl, crmUrl, config, hint }) {
  return [
    'Pretend Chatwoot at ',
    h('code', {}, chatwootUrl),
    ', pretend CRM at ',
    h('code', {}, crmUrl),
    ', rules from ',
    h('code', {}, config),
    `. ${hint}`,
  ];
}
