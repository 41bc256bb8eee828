import { act } from './act.js';
import { byId, h } from './dom.js';
import { duration } from './format.js';

const suggestions = ['What are your hours?', 'How much does it cost?', 'Yes please'];

/** "Write as a customer": who, the conversation as they see it, and what the line made of it. */
export function showCustomer(board) {
  const state = { customer: null, conversation: new Map(), waiting: false };
  const current = () => board.get(`conversation/${state.conversation.get(state.customer)}`) ?? null;

  const drawPeople = () => {
    const people = board.list('customer');
    if (byId('people').querySelector('input') !== null || people.length === 0) return;
    state.customer = people[0].id;
    byId('people').append(...people.map((person) => personChoice(person, state, draw)));
  };
  const draw = () => {
    const person = board.get(`customer/${state.customer}`);
    if (person === undefined) return;
    const conversation = current();
    byId('new-conversation').disabled = conversation === null;
    byId('facts').replaceChildren(...facts(person, conversation));
    drawChat(conversation, person);
  };

  const write = async (text) => {
    if (state.waiting || state.customer === null) return;
    const customer = state.customer;
    state.waiting = true;
    showProblem(null);
    try {
      const body = { customer, text, conversation: state.conversation.get(customer) ?? null };
      const answer = await act('/api/write', body);
      state.conversation.set(customer, answer.conversation);
      byId('text').value = '';
      draw();
    } catch (error) {
      showProblem(error.message);
    } finally {
      state.waiting = false;
    }
  };

  byId('chat').tabIndex = 0;
  byId('suggestions').append(
    ...suggestions.map((text) => h('button', { type: 'button', click: () => void write(text) }, text)),
  );
  byId('composer').addEventListener('submit', (event) => {
    event.preventDefault();
    const text = byId('text').value.trim();
    if (text !== '') void write(text);
    byId('text').focus();
  });
  byId('new-conversation').addEventListener('click', () => {
    state.conversation.delete(state.customer);
    draw();
    byId('text').focus();
  });
  board.view(['customer'], () => {
    drawPeople();
    draw();
  });
  board.view(['conversation'], draw);
}

function personChoice(person, state, draw) {
  const choose = () => {
    state.customer = person.id;
    showProblem(null);
    draw();
  };
  return h(
    'label',
    { title: person.note },
    h('input', {
      type: 'radio',
      name: 'customer',
      value: person.id,
      checked: person.id === state.customer,
      change: choose,
    }),
    h('b', {}, person.shortName),
    h('small', {}, person.kind),
  );
}

function facts(person, conversation) {
  if (conversation === null) return [h('p', {}, person.note)];
  const { status, priority, team, teamTookMs, assignee, lead } = conversation;
  return [
    team === null
      ? h('span', { class: 'fact waiting' }, h('b', {}, 'no team yet'))
      : h(
          'span',
          { class: 'fact team', 'data-fact': 'team' },
          h('b', {}, team),
          teamTookMs === null ? null : h('small', {}, duration(teamTookMs)),
        ),
    priority === null ? null : fact('priority', priority),
    fact('status', status),
    assignee === null ? null : fact('agent', assignee),
    lead === null ? h('span', { class: 'fact waiting' }, h('b', {}, 'no lead yet')) : leadCard(lead),
  ].filter((each) => each !== null);
}

function fact(name, value) {
  return h('span', { class: 'fact', 'data-fact': name }, h('small', {}, name), h('b', {}, value));
}

let leadOpen = false;

function leadCard(lead) {
  const shown = new Map(lead.fields);
  const who = [shown.get('name'), shown.get('email')].filter(Boolean).join(' · ');
  const details = h(
    'details',
    { class: 'lead', 'data-fact': 'lead', open: leadOpen },
    h(
      'summary',
      {},
      h('b', {}, 'CRM lead'),
      h('span', {}, who === '' ? lead.id : who),
      lead.tookMs === null ? null : h('small', {}, duration(lead.tookMs)),
    ),
    h(
      'dl',
      {},
      h('dt', {}, 'id'),
      h('dd', {}, lead.id),
      ...lead.fields.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value ?? '–')]),
    ),
  );
  details.addEventListener('toggle', () => {
    leadOpen = details.open;
  });
  return details;
}

/** Only what is new is added, so that a screen reader reads each message once. */
function drawChat(conversation, person) {
  const chat = byId('chat');
  const id = String(conversation?.id ?? `new-${person.id}`);
  if (chat.dataset.conversation !== id) chat.replaceChildren();
  chat.dataset.conversation = id;
  if (conversation === null) {
    if (chat.childElementCount > 0) return;
    const invitation = h('p', { class: 'empty' });
    invitation.append(
      `Be ${person.name} for a moment: `,
      h('strong', {}, 'pick a suggestion or write'),
      ' below. The pretend Chatwoot then posts its signed webhooks to the ingress.',
    );
    chat.append(invitation);
    return;
  }
  const there = new Set([...chat.children].map((element) => element.dataset.id));
  for (const message of conversation.messages) {
    if (!there.has(String(message.id))) chat.append(bubble(message));
  }
  if (chat.childElementCount !== there.size) chat.scrollTop = chat.scrollHeight;
}

function bubble(message) {
  const signature =
    message.author === 'bot' || message.author === 'agent'
      ? h(
          'small',
          {},
          h('b', {}, message.name),
          message.tookMs === null ? '' : ` answered in ${duration(message.tookMs)}`,
        )
      : null;
  return h(
    'div',
    { class: 'message', 'data-author': message.author, 'data-id': message.id },
    signature,
    message.text,
  );
}

function showProblem(words) {
  byId('problem').hidden = words === null;
  byId('problem').textContent = words ?? '';
}
