import { s } from './dom.js';

const pxPerSecond = 620;
const mostAtOnce = 40;
const still = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * Trains: a dot that runs along a rail for every delivery that arrives and every effect that leaves. They are
 * slower than the real thing, which takes milliseconds, so that an eye can follow.
 *
 * @param pathOf the rail of a name such as `worker/routing`
 * @param drawingOf the svg they run in
 */
export function createTrains(pathOf, drawingOf) {
  let running = 0;

  async function run(kind, ...names) {
    if (still.matches || document.hidden || running >= mostAtOnce) return;
    running += 1;
    const dot = s('circle', { r: 8, class: `train ${kind}` });
    drawingOf().append(dot);
    for (const name of names) {
      const path = pathOf(name);
      if (path !== undefined) await follow(dot, path);
    }
    dot.remove();
    running -= 1;
  }

  return {
    /** Promises, by queue, of the trains' arrival at the worker. */
    arrive(answer, jobs) {
      if (answer === 'duplicate') void run('duplicate', 'ingress');
      if (answer === 'refused' || answer === 'failed') void run('refused', 'ingress');
      return Object.fromEntries(jobs.map(({ queue }) => [queue, run(queue, 'ingress', `worker/${queue}`)]));
    },
    /** An effect is on its way at once in truth; here it waits until its delivery's train is in. */
    async leave(queue, arrival) {
      await arrival;
      await run(queue, `target/${queue}`);
    },
  };
}

function follow(dot, path) {
  const length = path.getTotalLength();
  const start = performance.now();
  return new Promise((resolve) => {
    const frame = (now) => {
      const gone = Math.min(length, ((now - start) / 1_000) * pxPerSecond);
      const { x, y } = path.getPointAtLength(gone);
      dot.setAttribute('cx', String(x));
      dot.setAttribute('cy', String(y));
      if (gone < length) requestAnimationFrame(frame);
      else resolve();
    };
    frame(start);
  });
}
