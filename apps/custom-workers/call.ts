import type { HttpRequest } from '@switchyard/chatwoot';
import type { CustomCall, CustomSend, Sender } from '@switchyard/jobs';
import { answerFailure } from './answer-failure.ts';

/** `context.send` of a job: stops with it, and throws for an answer that is a failure. */
export function createCustomSend(target: string, { send }: Sender, jobSignal: AbortSignal): CustomSend {
  return async (call) => {
    const request = requestOf(call, jobSignal);
    const response = await send(request);
    if (call.accept?.includes(response.status) === true) return response;
    const failure = answerFailure(target, request, response, Date.now());
    if (failure !== null) throw failure;
    return response;
  };
}

function requestOf(call: CustomCall, jobSignal: AbortSignal): HttpRequest {
  const body = call.json === undefined ? call.body : JSON.stringify(call.json);
  const type = call.json === undefined ? {} : { 'content-type': 'application/json' };
  return {
    method: call.method ?? (body === undefined ? 'GET' : 'POST'),
    url: call.url,
    operation: call.operation ?? 'call',
    headers: { ...type, ...call.headers },
    ...(body === undefined ? {} : { body }),
    signal: call.signal === undefined ? jobSignal : AbortSignal.any([jobSignal, call.signal]),
  };
}
