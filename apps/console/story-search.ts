/** What somebody looks for. `account` is null where it was not said. */
export type Search =
  | { readonly kind: 'conversation'; readonly account: number | null; readonly id: number }
  | { readonly kind: 'contact'; readonly account: number | null; readonly id: number }
  | { readonly kind: 'delivery'; readonly id: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unclear' };

const LONGEST = 300;
const ID = '(\\d{1,15})';
const CONVERSATION = '(?:conversations?|conv)';
const CONTACT = 'contacts?';

/** Chatwoot's pages: `/app/accounts/3/conversations/42`, also below an inbox, a label, a team or a view. */
const CHATWOOT_PATH = new RegExp(`/accounts/${ID}/(?:.*/)?(conversations|contacts)/${ID}(?:[/?#]|$)`, 'i');

const FORMS: readonly (readonly [pattern: RegExp, kind: 'conversation' | 'contact'])[] = [
  [new RegExp(`^(?:${CONVERSATION}[\\s:/#]*)?#?()${ID}$`, 'i'), 'conversation'],
  [new RegExp(`^${ID}\\s*/\\s*(?:${CONVERSATION}\\s*/\\s*)?#?${ID}$`, 'i'), 'conversation'],
  [new RegExp(`^v${ID}-${ID}$`), 'conversation'],
  [new RegExp(`^${CONTACT}[\\s:/#]*()${ID}$`, 'i'), 'contact'],
  [new RegExp(`^${ID}\\s*/\\s*${CONTACT}\\s*/\\s*#?${ID}$`, 'i'), 'contact'],
  [new RegExp(`^c${ID}-${ID}$`), 'contact'],
];

/** As the ingress takes them: a UUID of Chatwoot's, our digest of a delivery that had none, or whatever word came. */
const DELIVERY = /^[A-Za-z0-9_.-]{1,100}$/;

/** Reads the search box: `42`, `3/42`, `contact 17`, `3/contact/17`, a delivery id, or the address of a page of Chatwoot. */
export function readSearch(text: string): Search {
  const words = text.trim();
  if (words === '') return { kind: 'nothing' };
  if (words.length > LONGEST) return { kind: 'unclear' };
  const [, account, what, id] = CHATWOOT_PATH.exec(words.includes('://') ? pathOf(words) : words) ?? [];
  if (account !== undefined && id !== undefined) {
    return found(what?.toLowerCase() === 'contacts' ? 'contact' : 'conversation', account, id);
  }
  for (const [pattern, kind] of FORMS) {
    const [, ofAccount, number] = pattern.exec(words) ?? [];
    if (number !== undefined) return found(kind, ofAccount ?? '', number);
  }
  const delivery = words.replace(/^delivery[\s:/]+/i, '');
  return DELIVERY.test(delivery) ? { kind: 'delivery', id: delivery } : { kind: 'unclear' };
}

/** The shortest way to say it, for links and for the box. */
export function wordsOf(search: Search): string {
  if (search.kind === 'delivery') return search.id;
  if (search.kind === 'nothing' || search.kind === 'unclear') return '';
  const { kind, account, id } = search;
  if (kind === 'conversation') return account === null ? String(id) : `${account}/${id}`;
  return account === null ? `contact ${id}` : `${account}/contact/${id}`;
}

function found(kind: 'conversation' | 'contact', account: string, id: string): Search {
  return { kind, account: account === '' ? null : Number(account), id: Number(id) };
}

function pathOf(address: string): string {
  const parsed = URL.parse(address);
  return parsed === null ? '' : `${parsed.pathname}/`;
}
