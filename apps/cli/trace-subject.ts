import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit.ts';

/** What a story is asked of. `account` null: whichever there is. */
export type Subject =
  | { readonly kind: 'conversation' | 'contact'; readonly id: number; readonly account: number | null }
  | { readonly kind: 'delivery'; readonly id: string };

const IN_ADDRESS = /\/accounts\/(\d{1,15})\/(?:.*\/)?(conversations|contacts)\/(\d{1,15})(?:[/?#].*)?$/;

/**
 * Reads what somebody may have at hand: a conversation's number, its address in Chatwoot, a delivery id, or the kind
 * and the id.
 *
 * @throws {CommandFailure} it is none of these.
 */
export function readSubject(words: readonly string[]): Subject {
  const [first = '', second, ...more] = words;
  if (more.length > 0) throw notUnderstood(words);
  if (second !== undefined) return ofKind(first, second, words);
  const [, account, kind, id] = IN_ADDRESS.exec(first) ?? [];
  if (id !== undefined) {
    return {
      kind: kind === 'contacts' ? 'contact' : 'conversation',
      id: Number(id),
      account: Number(account),
    };
  }
  if (/^#?\d{1,15}$/.test(first)) {
    return { kind: 'conversation', id: Number(first.replace('#', '')), account: null };
  }
  return ofKind('delivery', first, words);
}

/** Chatwoot's delivery ids are UUIDs; a page or a log that shows less cuts them off. */
export function isBeginningOfId(id: string): boolean {
  return id.length < 36 && /^[0-9a-f]{4,8}(-[0-9a-f]{0,12}){0,4}$/i.test(id);
}

function ofKind(kind: string, id: string, words: readonly string[]): Subject {
  if (kind === 'delivery' && /^[\w.-]{1,100}$/.test(id)) return { kind, id };
  if ((kind === 'conversation' || kind === 'contact') && /^\d{1,15}$/.test(id)) {
    return { kind, id: Number(id), account: null };
  }
  throw notUnderstood(words);
}

function notUnderstood(words: readonly string[]): CommandFailure {
  return new CommandFailure(
    EXIT.usage,
    'SUBJECT_INVALID',
    `"${words.join(' ')}" is nothing that can be traced`,
    ["Give a conversation's number or its address in Chatwoot, a delivery id, or `contact <id>`."],
  );
}
