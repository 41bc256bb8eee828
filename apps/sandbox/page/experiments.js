import { act } from './act.js';
import { byId, h } from './dom.js';

const experiments = [
  {
    name: 'duplicate',
    title: 'Deliver it twice',
    expect: 'Once more: nothing happens twice.',
    button: 'Send again',
  },
  {
    name: 'wrong-signature',
    title: 'Forge a delivery',
    expect: 'Wrong secret: 401, and no job.',
    button: 'Send forged',
  },
  {
    name: 'crm',
    title: 'CRM',
    expect: 'Leads wait, then each arrives once.',
    switch: true,
  },
  {
    name: 'chatwoot-api',
    title: 'Chatwoot’s API',
    expect: 'Answers and teams wait, then arrive once.',
    switch: true,
  },
  {
    name: 'redis',
    title: 'Redis',
    expect: 'Killed, and started from its disk again.',
    switch: true,
  },
  {
    name: 'kill',
    title: 'Kill a process',
    expect: 'SIGKILL, at any moment. It starts again.',
    button: 'Kill',
    targets: ['bot-replies', 'crm-sync', 'routing', 'ingress'],
  },
];

/** "Break things": what each one does, what to expect, and what happened. */
export function showExperiments(board) {
  const rows = experiments.map((experiment) => createRow(experiment, board));
  byId('experiments').append(...rows.map(({ element }) => element));
  const draw = () => {
    for (const row of rows) row.draw();
  };
  board.view(['about', 'experiment'], draw);
  draw();
}

function createRow({ name, title, expect, button, targets, switch: isSwitch }, board) {
  const happened = h('p', { class: 'happened', role: 'status', hidden: true });
  const choice = targets
    ? h(
        'select',
        { 'aria-label': 'Which process' },
        ...targets.map((each) => h('option', { value: each }, each)),
      )
    : null;
  const say = (words) => {
    happened.textContent = words ?? '';
    happened.hidden = words === null;
  };
  const press = () => {
    act('/api/experiment', { name, target: choice?.value ?? null }).catch((error) => say(error.message));
  };
  const action = h(
    'button',
    { type: 'button', click: press, 'data-experiment': name },
    button ?? 'Switch off',
  );
  const element = h(
    'li',
    { class: 'experiment' },
    h('h3', {}, title),
    h('span', { class: 'act' }, choice, action),
    h('p', {}, expect),
    happened,
  );
  return {
    element,
    draw() {
      element.hidden = board.get('about')?.experiments.includes(name) === false;
      const now = board.get(`experiment/${name}`) ?? { state: 'ready', happened: null };
      element.dataset.state = now.state;
      action.disabled = now.state === 'running';
      if (isSwitch) {
        action.textContent = now.state === 'off' ? 'Switch on' : 'Switch off';
        action.setAttribute('aria-label', `${action.textContent}: ${title}`);
      }
      say(now.happened);
    },
  };
}
