import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

// For tests only. The recordings live with the testkit, which this package does not import.
const folder = fileURLToPath(new URL('../testkit/fake-chatwoot/recordings/', import.meta.url));

const line = z.object({
  method: z.string().optional(),
  path: z.string().optional(),
  status: z.number().optional(),
  body: z.unknown(),
});

interface RecordedAnswer {
  readonly file: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

/** What running Chatwoots answered, and what they sent (testkit/fake-chatwoot/recordings/README.md). */
export function recorded(): {
  readonly answers: readonly RecordedAnswer[];
  readonly webhooks: readonly { readonly file: string; readonly body: unknown }[];
} {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.jsonl'),
  );
  const all = files.toSorted().flatMap((file) => {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n');
    return lines.filter((each) => each !== '').map((each) => ({ file, ...line.parse(JSON.parse(each)) }));
  });
  return {
    answers: all.flatMap(({ file, method, path, status, body }) =>
      method === undefined || path === undefined || status === undefined
        ? []
        : [{ file, method, path, status, body }],
    ),
    webhooks: all.flatMap(({ file, method, body }) => (method === undefined ? [{ file, body }] : [])),
  };
}
