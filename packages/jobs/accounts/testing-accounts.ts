import { CallFailure, type ChatwootClient, type ConversationState } from '@switchyard/chatwoot';

/** Chatwoot as the finder asks it: the accounts that the token sees, and in some the conversation under its id. */
export function accountsClient(
  accounts: Readonly<Record<number, ConversationState | CallFailure | null>>,
  profile: { failure: CallFailure | null } = { failure: null },
): Pick<ChatwootClient, 'profile'> & {
  readonly conversations: Pick<ChatwootClient['conversations'], 'get'>;
} {
  return {
    profile() {
      if (profile.failure !== null) return Promise.reject(profile.failure);
      const seen = Object.keys(accounts).map((id) => ({ id: Number(id), name: null, role: null }));
      return Promise.resolve({ id: 1, name: null, accounts: seen });
    },
    conversations: {
      get(account) {
        const found = accounts[account] ?? failure('permanent', 'CHATWOOT_NOT_FOUND');
        return found instanceof CallFailure ? Promise.reject(found) : Promise.resolve(found);
      },
    },
  };
}

export function failure(kind: CallFailure['failure'], code: string): CallFailure {
  return new CallFailure(kind, code, { code, target: 'chatwoot' });
}
