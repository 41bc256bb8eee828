import type { RedisNodeHealth } from '@switchyard/jobs';
import { type Html, html } from './html.ts';
import { troublesOf } from './troubles.ts';
import { bytes, duration, figure, time } from './words.ts';
import type { QueueView, YardView } from './yard-watch.ts';

/** Of which queues the catalogue has a line of their own colour. */
const COLOURED = new Set(['crm-sync', 'bot-replies', 'routing']);

/** The page's body: what stands still around what is asked again and again. */
export function overviewBody(view: YardView): Html {
  return html`<h1 class="visually-hidden">Overview</h1>
    <div data-live="/overview/live" data-every="2000">${overviewLive(view)}</div>`;
}

export function overviewLive(view: YardView): Html {
  return html`${verdict(view)}
    ${botIsOff(view)}
    <section aria-labelledby="queues-title">
      <h2 id="queues-title" class="visually-hidden">Queues</h2>
      ${
        view.queues === null
          ? html`<p class="panel empty">The queues are shown again when Redis answers.</p>`
          : html`<div class="queues">${Object.entries(view.queues).map(([name, queue]) => queueCard(name, queue))}</div>`
      }
    </section>
    <section class="panel redis" aria-labelledby="redis-title">
      <h2 id="redis-title">Redis</h2>
      <ul>${view.redis.map(redisNode)}</ul>
    </section>
    <p class="foot">As of ${time(view.at)}.</p>`;
}

/** Who turned the bot off, and when: it is silent, and that is no trouble of a queue. */
function botIsOff({ bot }: YardView): Html | null {
  if (bot === null || bot.on) return null;
  const who = bot.by === null ? null : html` by <b>${bot.by}</b>`;
  const since = bot.at === null ? null : html` since ${time(bot.at, 'full')}`;
  return html`<section class="verdict panel" data-level="warn" aria-label="Bot">
    <p class="health" data-state="warn"><i></i><span>The bot is off</span></p>
    <p>Turned off${who}${since}. It says nothing, and what is pending goes to people.
      <code>switchyard bot on</code> turns it on again.</p>
  </section>`;
}

function verdict(view: YardView): Html {
  const troubles = troublesOf(view);
  const level = troubles[0]?.level ?? 'good';
  const words = { good: 'All well', warn: 'Look at this', bad: 'Something is wrong' }[level];
  return html`<section class="verdict panel" data-level="${level}" aria-label="Health">
    <p class="health" data-state="${level}"><i></i><span>${words}</span></p>
    ${
      troubles.length === 0
        ? html`<p>Every queue has its workers, and nothing waits too long.</p>`
        : html`<ul>${troubles.map(
            ({ level: its, about, words: said }) =>
              html`<li data-level="${its}"><b>${about}</b> ${said}</li>`,
          )}</ul>`
    }
  </section>`;
}

function queueCard(name: string, queue: QueueView): Html {
  const { waiting, active, delayed, dead, doneLastMinute, oldestWaitingMs, lanes, workers } = queue;
  return html`<article class="queue panel" data-queue="${COLOURED.has(name) ? name : 'custom'}" aria-label="${name}">
    <header>
      <h3>${name}</h3>
      ${queue.paused && html`<span class="chip" data-level="warn">paused</span>`}
      ${queue.breaker !== null && html`<span class="chip" data-level="warn" title="${queue.breaker}">breaker open</span>`}
      ${switchButton(name, queue.paused)}
    </header>
    <dl class="figures">
      ${figureOf('waiting', waiting)} ${figureOf('active', active)}
      ${figureOf('retrying', delayed, delayed > 0 ? 'warn' : null)}
      ${figureOf('dead', dead, dead > 0 ? 'bad' : null, `/dead?queue=${encodeURIComponent(name)}`)}
    </dl>
    <dl class="details">
      <div><dt>oldest job</dt><dd>${oldestWaitingMs === null ? 'none' : duration(oldestWaitingMs)}</dd></div>
      <div><dt>done, last minute</dt><dd>${figure(doneLastMinute)}</dd></div>
      <div><dt>lanes with work</dt><dd>${figure(lanes)}</dd></div>
      <div><dt>workers</dt>
        <dd${workers === 0 ? html` data-level="bad"` : null}>${workers === null ? 'Redis does not tell' : figure(workers)}</dd></div>
    </dl>
  </article>`;
}

function figureOf(
  label: string,
  value: number,
  level: string | null = null,
  href: string | null = null,
): Html {
  const number =
    href === null || value === 0 ? html`${figure(value)}` : html`<a href="${href}">${figure(value)}</a>`;
  return html`<div data-level="${level}" data-zero="${value === 0 ? 1 : 0}"><dt>${label}</dt><dd>${number}</dd></div>`;
}

function switchButton(name: string, paused: boolean): Html {
  const path = `/queues/${encodeURIComponent(name)}`;
  return paused
    ? html`<button type="button" class="primary" data-act="${path}/resume">Resume</button>`
    : html`<button type="button" data-act="${path}/pause" data-yes="Pause it" data-no="Leave it"
        data-ask="Pause ${name}? Jobs in hand are finished; what comes meanwhile waits until you resume it."
        >Pause</button>`;
}

function redisNode(node: RedisNodeHealth): Html {
  const { memoryUsedBytes: used, memoryMaxBytes: most } = node;
  const facts = node.up
    ? [
        node.version === null ? null : `version ${node.version}`,
        node.pingMs === null ? null : `answers in ${duration(node.pingMs)}`,
        used === null ? null : `${bytes(used)} used${most ? ` of ${bytes(most)}` : ', no limit'}`,
        node.aofEnabled === null ? null : node.aofEnabled ? 'append-only file on' : 'append-only file off',
        node.evictedKeys === null ? null : `${figure(node.evictedKeys)} keys evicted`,
        node.connectedClients === null ? null : `${figure(node.connectedClients)} connections`,
      ].filter((fact) => fact !== null)
    : ['does not answer'];
  return html`<li data-state="${node.up ? 'good' : 'bad'}"><i></i><code>${node.node}</code>
    <span>${facts.join(' · ')}</span>
    ${used !== null && most ? html`<meter min="0" max="${most}" value="${used}">${bytes(used)}</meter>` : null}</li>`;
}
