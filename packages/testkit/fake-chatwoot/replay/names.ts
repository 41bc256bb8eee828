import type { FakeChatwoot } from '../fake-chatwoot.ts';

/** What kinds of things a recording calls by number. */
type Kind = 'account' | 'user' | 'team' | 'inbox' | 'bot' | 'contact' | 'conversation' | 'message' | 'other';

/** The recorded installation's ids and texts in the pretend Chatwoot's, and back. */
export class Names {
  readonly #ours = new Map<string, number>();
  readonly #theirs = new Map<string, number>();
  readonly #texts: [string, string][] = [];
  #newInbox = '';

  constructor({ accountId, ids }: Pick<FakeChatwoot, 'accountId' | 'ids'>) {
    this.learn('account', 1, accountId);
    for (const [theirs, ours] of [ids.administrator, ids.agent, ids.secondAgent].entries()) {
      this.learn('user', theirs + 1, ours);
    }
    for (const [theirs, ours] of [ids.standardTeam, ids.enterpriseTeam, ids.salesTeam].entries()) {
      this.learn('team', theirs + 1, ours);
    }
    this.learn('inbox', 1, ids.apiInbox);
    this.learn('inbox', 2, ids.websiteInbox);
    this.learn('bot', 1, ids.bot);
  }

  learn(kind: Kind, theirs: number, ours: number): void {
    this.#ours.set(`${kind} ${theirs}`, ours);
    this.#theirs.set(`${kind} ${ours}`, theirs);
  }

  learnText(theirs: string, ours: string): void {
    this.#texts.push([theirs, ours]);
  }

  /** The inbox that was made last; its identifier is redacted in the answer, and not in the paths that follow. */
  learnNewInbox(identifier: string): void {
    this.#newInbox = identifier;
  }

  /** Unknown ids stay as they are: the recordings ask for things that don't exist too. */
  ours(kind: Kind, theirs: number): number {
    return this.#ours.get(`${kind} ${theirs}`) ?? theirs;
  }

  theirs(kind: Kind, ours: unknown): number | string {
    return this.#theirs.get(`${kind} ${ours}`) ?? 'unknown';
  }

  ourText(text: string): string {
    return this.#texts.reduce((done, [theirs, ours]) => done.replaceAll(theirs, ours), text);
  }

  /** A path of a recording, for the pretend Chatwoot. */
  ourPath(path: string): string {
    const renamed = path
      .replace(/\/accounts\/(\d+)/, (_, id) => `/accounts/${this.ours('account', Number(id))}`)
      .replace(/\/contacts\/(\d+)(?=$|\/)/, (_, id) => `/contacts/${this.ours('contact', Number(id))}`)
      .replace(/\/conversations\/(\d+)/, (_, id) => `/conversations/${this.ours('conversation', Number(id))}`)
      .replace(/\/messages\/(\d+)/, (_, id) => `/messages/${this.ours('message', Number(id))}`)
      .replace(/\/inboxes\/(\d+)(?=$|\/)/, (_, id) => `/inboxes/${this.ours('inbox', Number(id))}`)
      .replace(/\/inbox_members\/(\d+)/, (_, id) => `/inbox_members/${this.ours('inbox', Number(id))}`)
      .replace(/\/agents\/(\d+)/, (_, id) => `/agents/${this.ours('user', Number(id))}`)
      .replace(
        /\/(macros|automation_rules)\/(\d+)/,
        (_, what, id) => `/${what}/${this.ours('other', Number(id))}`,
      )
      .replace(/([?&](?:after|before)=)(\d+)/, (_, key, id) => `${key}${this.ours('message', Number(id))}`);
    return this.ourText(renamed).replace(/(\/inboxes\/)[A-Za-z0-9]{24}(?=\/contacts)/, (path, start) =>
      renamed.includes('<api_identifier>') ? path : `${start}${this.#newInbox}`,
    );
  }

  /** A request of a recording, for the pretend Chatwoot. */
  ourRequest(request: unknown, key = ''): unknown {
    if (Array.isArray(request)) return request.map((each) => this.ourRequest(each, key));
    if (typeof request === 'object' && request !== null) {
      const inner = Object.entries(request).map(([name, value]) => [
        name,
        this.ourRequest(value, keyOf(request, name)),
      ]);
      return Object.fromEntries(inner);
    }
    const kind = typeof request === 'number' ? kinds[key] : undefined;
    return kind === undefined || typeof request !== 'number' ? request : this.ours(kind, request);
  }
}

const kinds: Readonly<Record<string, Kind>> = {
  assignee_id: 'user',
  team_id: 'team',
  inbox_id: 'inbox',
  contact_id: 'contact',
  base_contact_id: 'contact',
  mergee_contact_id: 'contact',
  conversation_ids: 'conversation',
  agent_bot: 'bot',
  assign_agent: 'user',
  assign_team: 'team',
};

/** The parameters of an action and the values of a condition are named by another key beside them. */
function keyOf(holder: object, name: string): string {
  if (name === 'action_params' && 'action_name' in holder) return String(holder.action_name);
  if (name === 'values' && 'attribute_key' in holder) return String(holder.attribute_key);
  return name;
}
