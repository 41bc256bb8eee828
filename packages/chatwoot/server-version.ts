import { z } from 'zod';
import type { Api, CallOptions } from './api.ts';
import { CallFailure } from './failure.ts';
import { type ChatwootVersion, parseVersion } from './versions/version.ts';

const LONGEST = 60;

/** Only the version: `data_services` says `failing` on healthy servers, so none of it tells health (contract [R] 10). */
const statusSchema = z
  .object({ version: z.string().max(LONGEST) })
  .transform(({ version }): ChatwootVersion | null => parseVersion(version));

/** What the server says of itself, to anyone. */
export function serverVersionApi(api: Api) {
  return {
    /**
     * Which release this Chatwoot is; null when it does not tell, as behind a proxy that keeps `/api` to itself.
     *
     * @throws {CallFailure} it does not answer at all.
     */
    async serverVersion(options?: CallOptions): Promise<ChatwootVersion | null> {
      try {
        const request = { operation: 'serverVersion', method: 'GET', path: '/api' } as const;
        return await api.json(request, statusSchema, options);
      } catch (error) {
        if (error instanceof CallFailure && error.status !== undefined && error.failure !== 'outage')
          return null;
        throw error;
      }
    },
  };
}
