import { byId, h } from './dom.js';
import { clock } from './format.js';

/** The last lines of every process, newest at the bottom, by process when one is chosen. */
export function showLogs(board) {
  const pane = byId('logs-pane');
  const list = byId('logs');
  const select = byId('log-process');
  const drawn = new Map();

  const draw = () => {
    if (pane.hidden) return;
    const atEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < 40;
    const lines = board.list('log').filter((line) => select.value === '' || line.process === select.value);
    const kept = new Map();
    for (const line of lines) kept.set(line.number, drawn.get(line.number) ?? row(line));
    drawn.clear();
    for (const [number, element] of kept) drawn.set(number, element);
    list.replaceChildren(...kept.values());
    if (atEnd) pane.scrollTop = pane.scrollHeight;
  };
  const drawProcesses = () => {
    const troubles = board.list('process').reduce((sum, each) => sum + each.troubles, 0);
    byId('troubles').hidden = troubles === 0;
    byId('troubles').textContent = troubles > 99 ? '99+' : String(troubles);
    byId('troubles').title = `${troubles} warnings and errors`;
    for (const { name, kind } of board.list('process')) {
      if (kind !== 'app' || [...select.options].some(({ value }) => value === name)) continue;
      select.append(h('option', { value: name }, name));
    }
  };
  select.addEventListener('change', draw);
  board.view(['log'], draw);
  board.view(['process'], drawProcesses);
  return { draw };
}

function row({ process, level, at, text, detail }) {
  return h(
    'li',
    { 'data-level': level },
    h('time', {}, clock(at)),
    h('b', {}, process),
    h('p', {}, text, detail === '' ? null : h('span', { class: 'detail' }, ` ${detail}`)),
  );
}
