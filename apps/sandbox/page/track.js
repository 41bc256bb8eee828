import { byId, h, s } from './dom.js';
import { duration } from './format.js';
import { across, down, queues } from './track-layout.js';
import { createTrains } from './trains.js';

const figureNames = [
  ['waiting', 'waiting'],
  ['active', 'active'],
  ['delayed', 'retrying'],
  ['dead', 'dead'],
  ['done', 'done'],
];
const nothing = { waiting: 0, active: 0, delayed: 0, dead: 0, done: 0, oldestWaitingMs: null };

/** Draws the line as a track diagram, keeps its figures live and sends a train for every delivery. */
export function showTrack(board) {
  const narrow = matchMedia('(max-width: 720px)');
  let drawing = draw(narrow.matches ? down : across);
  narrow.addEventListener('change', () => {
    drawing = draw(narrow.matches ? down : across);
    update();
  });
  const trains = createTrains(
    (name) => drawing.paths[name],
    () => drawing.svg,
  );

  function update() {
    const processes = Object.fromEntries(board.list('process').map((each) => [each.name, each]));
    const deliveries = board.list('delivery');
    drawing.setTotals({
      refused: deliveries.filter(({ answer }) => answer === 'refused' || answer === 'failed').length,
      taken: deliveries.filter(({ answer }) => answer !== null && answer !== 'refused' && answer !== 'failed')
        .length,
      leads: board.list('conversation').filter(({ lead }) => lead !== null).length,
    });
    for (const name of ['Chatwoot', 'CRM', 'ingress', ...queues]) drawing.setState(name, processes[name]);
    for (const queue of queues) drawing.setQueue(queue, board.get(`queue/${queue}`) ?? nothing);
    fillTable(board);
  }

  board.view(['queue', 'process', 'delivery', 'conversation'], update);
  const seen = new Map();
  let isHistory = true;
  board.view(['about', 'delivery'], () => {
    runTrains(board.list('delivery'), trains, seen, isHistory);
    isHistory = false;
  });
  update();
}

/** What is there when the page opens is history; only what happens after it moves. */
function runTrains(deliveries, trains, seen, isHistory) {
  for (const { number, answer, jobs, effects } of deliveries) {
    const before = seen.get(number) ?? { answer: null, effects: 0, arrivals: {} };
    let { arrivals } = before;
    if (!isHistory) {
      if (before.answer === null && answer !== null) arrivals = trains.arrive(answer, jobs);
      for (const { queue } of effects.slice(before.effects)) trains.leave(queue, arrivals[queue]);
    }
    seen.set(number, { answer, effects: effects.length, arrivals });
  }
}

function draw(layout) {
  const paths = {};
  const groups = {};
  const text = ([x, y, anchor], attributes, words = '') =>
    s('text', { x, y, 'text-anchor': anchor, ...attributes }, words);
  const track = (name, d, queue = '') => {
    const rail = s('path', { d, class: `rail ${queue}` });
    paths[name] = rail;
    return [s('path', { d, class: 'ties' }), rail];
  };
  const platform = (key, { box, name, note }, words, subject) => {
    const [x, y, width, height] = box;
    const noteText = text(note, { class: 'note' }, subject);
    const group = s(
      'g',
      {},
      s('rect', { x, y, width, height, rx: 10, class: 'platform' }),
      text(name, { class: 'name' }, words),
      noteText,
    );
    groups[key] = { group, noteText };
    return group;
  };

  const { ingress } = layout;
  const [taken, refused] = ingress.counts.map((place) => text(place, { class: 'note' }));
  const ingressGroup = s(
    'g',
    {},
    s('circle', { cx: ingress.center[0], cy: ingress.center[1], r: ingress.radius, class: 'station' }),
    s('circle', { cx: ingress.center[0], cy: ingress.center[1], r: 6, class: 'signal' }),
    text(ingress.name, { class: 'name' }, 'ingress'),
    taken,
    refused,
  );
  groups.ingress = { group: ingressGroup, noteText: null };

  const lanes = Object.fromEntries(queues.map((queue) => [queue, drawLane(queue, layout.lane(queue), text)]));
  const tracks = queues.flatMap((queue) => {
    const lane = layout.lane(queue);
    return [
      ...track(`worker/${queue}`, lane.toWorker, queue),
      ...track(`target/${queue}`, lane.toTarget, queue),
    ];
  });
  const ties = tracks.filter((path) => path.classList.contains('ties'));
  const rails = tracks.filter((path) => !path.classList.contains('ties'));

  const svg = s(
    'svg',
    {
      viewBox: `0 0 ${layout.width} ${layout.height}`,
      role: 'img',
      'aria-label':
        'Chatwoot posts to the ingress, which switches each delivery onto the queues crm-sync, bot-replies and ' +
        'routing; their workers write to the CRM and to Chatwoot. The figures are in the table that follows.',
    },
    ...track('ingress', layout.toIngress),
    ...ties,
    ...rails,
    platform('source', layout.source, 'Chatwoot', 'posts webhooks'),
    platform('CRM', layout.targets.crm, 'CRM', 'leads'),
    platform('Chatwoot', layout.targets.chatwoot, 'Chatwoot', 'answers and teams'),
    ...queues.map((queue) => lanes[queue].group),
    ingressGroup,
  );
  byId('track').replaceChildren(svg);

  return {
    svg,
    paths,
    setTotals(totals) {
      taken.textContent = `${totals.taken} taken in`;
      refused.textContent = `${totals.refused} refused`;
      refused.classList.toggle('hot', totals.refused > 0);
      groups.CRM.usual = `${totals.leads} ${totals.leads === 1 ? 'lead' : 'leads'}`;
      groups.Chatwoot.usual = 'answers and teams';
    },
    setState(name, process) {
      const state = process?.state ?? 'starting';
      const place = groups[name];
      if (place === undefined) {
        lanes[name].setState(state);
        return;
      }
      place.group.dataset.state = state;
      if (place.noteText !== null)
        place.noteText.textContent = state === 'off' ? 'switched off' : place.usual;
    },
    setQueue: (queue, counts) => lanes[queue].setCounts(counts),
  };
}

function drawLane(queue, lane, text) {
  const figures = lane.figures.map((place) => {
    const number = s('tspan', { class: 'figure' }, '0');
    return { number, element: text(place, {}, number) };
  });
  figures.forEach(({ element }, index) => {
    element.append(s('tspan', { class: 'label', dx: 4 }, figureNames[index][1]));
  });
  const oldest = text(lane.oldest, { class: 'note' });
  const state = text(lane.state, { class: 'note' });
  const active = s('text', { x: lane.worker[0], y: lane.worker[1], class: 'inside' }, '');
  const wagons = s('g');
  const [x, y] = lane.worker;
  const group = s(
    'g',
    {},
    lane.siding === null ? null : s('path', { d: lane.siding, class: 'siding' }),
    text(lane.name, { class: `name ${queue}` }, queue),
    ...figures.map(({ element }) => element),
    oldest,
    wagons,
    s('path', { d: lane.post, class: 'post' }),
    s('circle', { cx: lane.signal[0], cy: lane.signal[1], r: 6.5, class: 'signal' }),
    s('circle', { cx: x, cy: y, r: 12, class: `station ${queue}` }),
    active,
    state,
  );

  return {
    group,
    setState(now) {
      group.dataset.state = now;
      const words = { ready: '', starting: 'starting', 'not-ready': 'not ready', down: 'down', off: 'off' };
      state.textContent = words[now] ?? now;
    },
    setCounts(counts) {
      figures.forEach(({ number, element }, index) => {
        const [key] = figureNames[index];
        const count = counts[key];
        number.textContent = String(count);
        number.classList.toggle('zero', count === 0);
        element.classList.toggle('hot', key === 'dead' && count > 0);
        number.classList.toggle('hot', key === 'dead' && count > 0);
        number.classList.toggle('late', key === 'delayed' && count > 0);
      });
      const age = counts.oldestWaitingMs;
      const isOld = age !== null && age > 1_000;
      oldest.textContent = isOld ? `oldest ${duration(age)}` : '';
      oldest.classList.toggle('late', isOld);
      active.textContent = counts.active > 0 ? String(counts.active) : '';
      wagons.replaceChildren(
        ...row(Math.min(counts.waiting, lane.mostWagons), lane.wagon, queue),
        ...row(Math.min(counts.delayed, lane.mostRetrying), lane.retrying, 'retrying'),
      );
    },
  };
}

function row(count, place, kind) {
  return Array.from({ length: count }, (_, n) => {
    const [x, y, width, height] = place(n);
    return s('rect', { x, y, width, height, rx: 3, class: `wagon ${kind}` });
  });
}

/** The same figures for those who don't see the picture. */
function fillTable(board) {
  const rows = queues.map((queue) => {
    const counts = board.get(`queue/${queue}`) ?? nothing;
    const age = counts.oldestWaitingMs === null ? 'none' : duration(counts.oldestWaitingMs);
    const cells = [...figureNames.map(([key]) => counts[key]), age];
    return h('tr', {}, h('th', { scope: 'row' }, queue), ...cells.map((cell) => h('td', {}, String(cell))));
  });
  byId('track-table').tBodies[0].replaceChildren(...rows);
}
