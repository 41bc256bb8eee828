import { byId, h } from './dom.js';
import { clock, duration } from './format.js';

/** Every delivery, newest first: what the ingress answered, and its stops on the way since the customer's send. */
export function showDeliveries(board) {
  const list = byId('deliveries');
  const drawn = new Map();
  const draw = () => {
    const all = board.list('delivery');
    const withIgnored = byId('show-ignored').checked;
    const shown = all.filter(({ answer }) => withIgnored || answer !== 'ignored').toReversed();
    byId('no-deliveries').hidden = shown.length > 0;
    byId('show-ignored').nextElementSibling.textContent =
      `show ignored (${all.length - all.filter(({ answer }) => answer !== 'ignored').length})`;
    const rows = shown.map((delivery) => {
      const json = JSON.stringify(delivery);
      const known = drawn.get(delivery.number);
      if (known?.json === json) return known.element;
      const element = row(delivery);
      drawn.set(delivery.number, { json, element });
      return element;
    });
    for (const number of drawn.keys())
      if (board.get(`delivery/${number}`) === undefined) drawn.delete(number);
    list.replaceChildren(...rows);
  };
  byId('show-ignored').addEventListener('change', draw);
  board.view(['delivery'], draw);
}

function row(delivery) {
  const { id, event, conversation, at, answer } = delivery;
  return h(
    'li',
    { class: 'delivery', 'data-answer': answer ?? 'none', 'data-event': event },
    h(
      'header',
      {},
      // Whole, for whoever copies it into `switchyard trace`; the page shows its beginning.
      h('code', { title: `delivery ${id}, ${clock(at)}` }, id),
      h('h3', {}, event, conversation === null ? null : h('span', {}, ` #${conversation}`)),
      h('span', { class: 'answer', 'data-answer': answer }, words(delivery)),
    ),
    answer === 'ignored' ? null : stops(delivery),
  );
}

function words({ status, answer, ms, error }) {
  if (answer === null) return 'under way …';
  if (status === null) return error ?? 'no answer';
  return `${status} ${answer} · ${duration(ms)}`;
}

function stops({ sinceSendMs, ms, answer, error, jobs, effects }) {
  const list = h('ol', { class: 'stops' });
  if (answer === 'duplicate')
    list.append(h('li', { class: 'nothing' }, 'already had it: nothing happens twice'));
  if (answer === 'refused' || answer === 'failed')
    list.append(h('li', { class: 'nothing' }, error ?? 'turned away'));
  const timed = effects.map(({ queue, text, tookMs }) => ({ queue, text, tookMs }));
  // Workers don't wait until Chatwoot has its answer, so an effect may well come before it.
  if (jobs.length > 0 && sinceSendMs !== null)
    timed.push({ queue: null, text: 'acknowledged', tookMs: sinceSendMs + ms });
  timed.sort((one, other) => one.tookMs - other.tookMs);
  for (const { queue, text, tookMs } of timed) list.append(stop(queue, text, tookMs));
  for (const { queue, state, note } of jobs) {
    if (state === 'done' && effects.some((effect) => effect.queue === queue)) continue;
    list.append(stop(queue, queue, null, state, note));
  }
  return list;
}

function stop(queue, text, tookMs, state = 'done', note = null) {
  return h(
    'li',
    { 'data-queue': queue, 'data-state': state },
    h('i'),
    h('b', {}, text),
    tookMs === null ? null : h('time', {}, duration(tookMs)),
    note === null ? null : h('span', {}, note),
  );
}
