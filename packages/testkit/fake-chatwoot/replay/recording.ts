import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { spokenVersions, type Version } from '../versions.ts';

/** A call to a Chatwoot, and its whole answer. */
const recordedCall = z.object({
  /** When it was answered; epoch milliseconds. */
  at: z.number(),
  as: z.enum(['admin', 'agent', 'bot', 'customer', 'none']),
  method: z.string(),
  path: z.string(),
  request: z.record(z.string(), z.unknown()).optional(),
  status: z.number(),
  body: z.unknown(),
});
export type RecordedCall = z.infer<typeof recordedCall>;

const recordedWebhook = z.object({
  to: z.array(
    z.object({
      at: z.number(),
      path: z.string(),
      signed: z.boolean(),
      deliveryId: z.boolean(),
      userAgent: z.string(),
    }),
  ),
  body: z.record(z.string(), z.unknown()),
});

/** One POST that a Chatwoot sent. */
export interface SeenWebhook {
  readonly at: number;
  readonly path: string;
  readonly signed: boolean;
  readonly deliveryId: boolean;
  readonly userAgent: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Recording {
  readonly version: Version;
  readonly name: string;
  readonly calls: readonly RecordedCall[];
  readonly webhooks: readonly SeenWebhook[];
}

const folder = new URL('../recordings/', import.meta.url);

export function recordings(): readonly Recording[] {
  return spokenVersions.flatMap((version) =>
    readdirSync(new URL(`${version}/`, folder))
      .toSorted()
      .map((file) => read(version, file.replace('.jsonl', ''))),
  );
}

function read(version: Version, name: string): Recording {
  const text = readFileSync(new URL(`${version}/${name}.jsonl`, folder), 'utf8');
  const calls: RecordedCall[] = [];
  const webhooks: SeenWebhook[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const parsed: unknown = JSON.parse(line);
    const webhook = recordedWebhook.safeParse(parsed).data;
    if (webhook === undefined) calls.push(recordedCall.parse(parsed));
    else webhooks.push(...webhook.to.map((to) => ({ ...to, body: webhook.body })));
  }
  return { version, name, calls, webhooks: webhooks.toSorted((one, other) => one.at - other.at) };
}
