import type { FakeChatwoot } from '@switchyard/testkit';
import type { CellInbox } from './inbox.ts';
import type { Played } from './judge.ts';
import type { Act, Scene, Way } from './scenes.ts';

/** Conversations of one cell on their way through their stages. */
export interface Cast {
  /** Plays a stage of all of them, in one turn of the event loop. */
  stage(index: number): void;
  readonly played: readonly Played[];
}

/** @param emails one for each scene: whom it is about */
export function createCast(
  chatwoot: FakeChatwoot,
  { inbox, agents }: CellInbox,
  scenes: readonly Scene[],
  emails: readonly string[],
): Cast {
  const talks = scenes.map((scene, index): Talk => {
    const email = emails[index] ?? '';
    return { scene, email, conversation: null, takenAt: [], wroteAt: [], taker: null };
  });

  function act(talk: Talk, what: Act): void {
    const conversation = talk.conversation ?? 0;
    if (what.kind === 'write') write(talk, what.text);
    else if (what.kind === 'resolve') chatwoot.resolve(conversation, agents[0]);
    else if (what.way === 'began') begin(talk);
    else take(talk, conversation, what.way);
  }

  function write(talk: Talk, content: string | null): void {
    talk.wroteAt.push(Date.now());
    const { conversationId } = chatwoot.writeAsCustomer({
      content,
      inboxId: inbox,
      ...(talk.conversation === null ? {} : { conversationId: talk.conversation }),
      contact: { name: talk.email.split('@')[0] ?? '', email: talk.email },
    });
    talk.conversation = conversationId;
  }

  function begin(talk: Talk): void {
    talk.takenAt.push(Date.now());
    const contact = { name: 'Customer', email: talk.email };
    const content = 'We have found your parcel.';
    const begun = chatwoot.beginAsAgent({ contact, content, inboxId: inbox, userId: agents[0] });
    talk.conversation = begun.conversationId;
  }

  /** Whom Chatwoot has picked can't take it once more, so it is the other one who does. */
  function take(talk: Talk, conversation: number, way: Way): void {
    const [one, two] = agents;
    const has = chatwoot.conversation(conversation).assignee;
    const [taker, colleague] = has?.kind === 'user' && has.id === one ? [two, one] : [one, two];
    talk.takenAt.push(Date.now());
    if (way === 'self-assigned') chatwoot.take(conversation, taker);
    if (way === 'assigned') chatwoot.assign(conversation, { userId: taker }, colleague);
    if (way === 'macro') chatwoot.runMacro(conversation, { assignTo: 'self', labels: ['vip'] }, taker);
    if (way === 'replied') {
      chatwoot.writeAsAgent({ conversationId: conversation, content: 'Let me see.', userId: taker });
    } else {
      talk.taker = taker;
    }
  }

  return {
    stage(index) {
      for (const talk of talks) for (const what of talk.scene.stages[index] ?? []) act(talk, what);
    },
    get played() {
      return talks.map(({ email: _, conversation, ...rest }) => ({
        ...rest,
        conversation: conversation ?? 0,
      }));
    },
  };
}

interface Talk {
  readonly scene: Scene;
  readonly email: string;
  conversation: number | null;
  readonly takenAt: number[];
  readonly wroteAt: number[];
  taker: number | null;
}
