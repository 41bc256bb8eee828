import { describe, expect, it } from 'vitest';
import { CallFailure } from '../failure.ts';
import { createPeople } from './people.ts';
import { readHand } from './read-hand.ts';
import { BEGAN, incoming, messagesOf, people, reply, type Saying, sightOf } from './testing-sight.ts';
import { readToldHand } from './told-hand.ts';

const greta = { id: 2, name: 'Greta Agent' };

describe('reading a hand', () => {
  it('takes one call where the newest messages tell', async () => {
    const { parts, listed } = chatwoot([incoming, 'Assigned to Greta Agent by Default Policy']);
    expect(await readHand(parts, request({ assignee: greta }))).toEqual({
      kind: 'none',
      why: 'picked-by-policy',
    });
    expect(listed).toEqual([undefined]);
  });

  it('pages back to the activity that tells', async () => {
    const { parts, listed } = chatwoot([
      'Assigned to Greta Agent by Default Policy',
      ...Array.from({ length: 45 }, () => incoming),
    ]);
    expect(await readHand(parts, request({ assignee: greta }))).toEqual({
      kind: 'none',
      why: 'picked-by-policy',
    });
    // And once more the newest, for what was said meanwhile.
    expect(listed).toEqual([undefined, 127, 107, undefined]);
  });

  it('sees the reply that comes while it pages back', async () => {
    const { parts } = chatwoot(
      ['Assigned to Greta Agent by Default Policy', ...Array.from({ length: 45 }, () => incoming)],
      BEGAN + 600_000,
      [reply],
    );
    expect(await readHand(parts, request({ assignee: greta }))).toMatchObject({
      kind: 'person',
      how: 'replied',
    });
  });

  it('gives up after five pages, and takes it for a person’s', async () => {
    const { parts, listed } = chatwoot([reply, ...Array.from({ length: 200 }, () => incoming)]);
    expect(await readHand(parts, request({ assignee: greta }))).toMatchObject({
      kind: 'person',
      why: 'too-long-to-tell',
    });
    expect(await readHand(parts, request({ firstReplyAt: BEGAN }))).toMatchObject({
      kind: 'person',
      why: 'too-long-to-tell',
    });
    expect(listed).toHaveLength(10);
  });

  it('reads no older ones where nobody has it and nobody replied', async () => {
    const { parts, listed } = chatwoot(Array.from({ length: 60 }, () => incoming));
    expect(await readHand(parts, request({}))).toEqual({ kind: 'none', why: 'nobody' });
    expect(listed).toHaveLength(1);
  });

  it('is a short wait for a job, when it is not told yet', async () => {
    const { parts } = chatwoot([incoming], BEGAN + 500);
    await expect(readToldHand(parts, request({ assignee: greta }))).rejects.toMatchObject({
      failure: 'transient',
      code: 'HAND_NOT_TOLD_YET',
      retryAfterMs: 1_500,
    });
  });
});

describe('people', () => {
  it('are asked for every five minutes, an account each', async () => {
    let now = 0;
    let calls = 0;
    const peopleOf = createPeople({ client: directory(() => (calls += 1)), now: () => now });
    await peopleOf(1);
    await peopleOf(1);
    expect(calls).toBe(1);
    now = 5 * 60_000;
    await peopleOf(1);
    await peopleOf(2);
    expect(calls).toBe(3);
  });

  it('are known without their bots where the token may not list those', async () => {
    const refuse = () => {
      throw new CallFailure('permanent', 'not allowed', { code: 'CHATWOOT_FORBIDDEN', target: 'chatwoot' });
    };
    const found = await createPeople({ client: directory(refuse), bots: ['Helper'] })(1);
    expect(found).toEqual({ ...people, bots: ['Helper'] });
  });
});

function request(told: Parameters<typeof sightOf>[0]) {
  return { account: 1, conversation: sightOf(told).conversation };
}

/** Pages of 20 as Chatwoot gives them, oldest first in each. */
function chatwoot(said: readonly Saying[], now = BEGAN + 600_000, saidMeanwhile: readonly Saying[] = []) {
  const all = messagesOf([...said, ...saidMeanwhile]);
  const atFirst = all.slice(0, said.length);
  const listed: (number | undefined)[] = [];
  const list = async (
    _account: number,
    _conversation: number,
    page: { before?: number | undefined } = {},
  ) => {
    listed.push(page.before);
    const { before = Number.POSITIVE_INFINITY } = page;
    const there = listed.length === 1 ? atFirst : all;
    return there.filter(({ id }) => id < before).slice(-20);
  };
  const parts = {
    client: { messages: { list } },
    people: async () => people,
    now: () => now,
  };
  return { parts, listed };
}

function directory(onBots: () => void): Parameters<typeof createPeople>[0]['client'] {
  const agent = (id: number, name: string) => ({ id, name, email: null, role: null, availability: null });
  return {
    agents: { list: async () => people.agents.map(({ id, name }) => agent(id, name)) },
    profile: async () => ({ id: 1, name: 'Ada Admin', accounts: [] }),
    agentBots: {
      async list() {
        onBots();
        return [];
      },
    },
  };
}
