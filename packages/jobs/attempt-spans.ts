import type { ChatwootEvent } from '@switchyard/chatwoot';
import { errorCode, type Span, type Tracing, withLogContext } from '@switchyard/telemetry';
import { DelayedError, UnrecoverableError, WaitingError } from 'bullmq';
import type { Attempt } from './attempt.ts';
import { RetryLater } from './attempt-failure.ts';
import type { DecisionSummary, StepContext, WorkerDefinition } from './define.ts';

const LONGEST_NAME = 100;

/** An attempt in its span, which BullMQ has begun: its lines carry the trace id, and the span says how it ended. */
export function traceAttempt(attempt: Attempt, tracing: Tracing): Attempt {
  return (job, token, controller) => {
    const span = tracing.current();
    if (span === null) return attempt(job, token, controller);
    return withLogContext({ trace_id: span.traceId }, async () => {
      try {
        const result = await attempt(job, token, controller);
        span.set({ 'switchyard.result': 'done' });
        return result;
      } catch (error) {
        span.set({ 'switchyard.result': resultOf(error) });
        throw error;
      }
    });
  };
}

/** What is thrown into BullMQ says what happens next (attempt.ts). */
function resultOf(error: unknown): string {
  if (error instanceof RetryLater) return 'retry';
  if (error instanceof DelayedError) return 'hold';
  if (error instanceof UnrecoverableError) return 'dead';
  if (error instanceof WaitingError) return 'handed-back';
  return 'error';
}

/** The same worker, with a span for its facts, for its decision and for each of its steps. */
export function traceWorker<Facts, Decision extends DecisionSummary>(
  worker: WorkerDefinition<Facts, Decision>,
  tracing: Tracing,
): WorkerDefinition<Facts, Decision> {
  return {
    ...worker,
    async facts(event, context) {
      const attempt = tracing.current();
      attempt?.set({ ...aboutEvent(event), 'switchyard.attempt': context.attempt });
      return marked(attempt, () => tracing.span('facts', {}, () => worker.facts(event, context)));
    },
    decide(event, facts) {
      return tracing.spanSync('decide', {}, (span) => {
        const decision = worker.decide(event, facts);
        const { action, reason } = decision;
        span.set({ 'switchyard.action': action, 'switchyard.reason': reason });
        return decision;
      });
    },
    steps(event, decision, context) {
      const step: StepContext['step'] = (name, perform, options) =>
        traceStep(tracing, context, name, perform, options);
      return marked(tracing.current(), () => worker.steps(event, decision, { ...context, step }));
    },
  };
}

/** An attempt fails by the code of what failed in it. */
async function marked<T>(attempt: Span | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    attempt?.fail(errorCode(error));
    throw error;
  }
}

function traceStep<T>(
  tracing: Tracing,
  context: StepContext,
  name: string,
  perform: Parameters<typeof context.step<T>>[1],
  options: Parameters<typeof context.step<T>>[2],
): Promise<T> {
  // What stands behind a colon is an id.
  const [kind = name] = name.split(':', 1);
  const attributes = { 'switchyard.step': name.slice(0, LONGEST_NAME) };
  return tracing.span(`step ${kind.slice(0, LONGEST_NAME)}`, { attributes }, (span) => {
    // A step that neither asks nor performs was done before.
    span.set({ 'switchyard.step.work': 'stored' });
    const { confirm } = options ?? {};
    return context.step<T>(
      name,
      (call) => {
        span.set({ 'switchyard.step.work': 'performed' });
        return perform(call);
      },
      confirm === undefined
        ? options
        : {
            confirm(call) {
              span.set({ 'switchyard.step.work': 'confirmed' });
              return confirm(call);
            },
          },
    );
  });
}

/** What a span says of an event: ids and names of things, nothing of what is in them. */
export function aboutEvent(event: ChatwootEvent) {
  return {
    'switchyard.delivery': event.delivery.id,
    'switchyard.source': event.delivery.source,
    'switchyard.event': event.name,
    'switchyard.account': event.account,
    'switchyard.conversation': event.conversation?.id ?? null,
    'switchyard.contact': event.contact?.id ?? null,
    'switchyard.message': event.message?.id ?? null,
  };
}
