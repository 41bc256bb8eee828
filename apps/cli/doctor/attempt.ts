import { CallFailure } from '@switchyard/chatwoot';
import { type Finding, fail } from './check.ts';

/** What a call gave, or what is to be told of its failure. */
export type Attempted<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly finding: Finding };

/** One call that the workers will make, too. Only a Chatwoot that is away is thrown: then no other call tells more. */
export async function attempt<T>(name: string, call: Promise<T>): Promise<Attempted<T>> {
  try {
    return { ok: true, value: await call };
  } catch (error) {
    if (!(error instanceof CallFailure) || error.failure === 'outage') throw error;
    return {
      ok: false,
      finding: fail(
        name,
        error.message,
        'Let the user of CHATWOOT_API_TOKEN be an administrator of the account.',
      ),
    };
  }
}
