/**
 * Why an app decided as it did, as a sentence after the action. A test looks through the apps for reasons that have
 * none here.
 */
const REASONS: Readonly<Record<string, string>> = {
  // What there is to work on.
  'other-event': 'this kind of event asks for nothing here',
  'no-conversation': 'the event names no conversation',
  'no-contact': 'the event names no contact',
  'conversation-gone': 'the conversation is no longer there in Chatwoot',
  // crm-sync
  'new-conversation': 'a new conversation began',
  'contact-changed': 'the contact was changed',
  'lead-exists': 'there is a lead for this conversation already',
  'activity-only': 'only “last seen” and the like were changed, nothing a CRM wants',
  stale: 'a later change of the contact was taken over already',
  'no-lead': 'no lead of this contact is known',
  'lead-without-id': 'the CRM gave the lead no id by which to change it',
  // routing
  'team-set-by-others': 'somebody else had given it a team by then',
  'person-assigned': 'a person had taken it, or given it to somebody, by then',
  'person-replied': 'a person had answered by then',
  'person-began': 'a person began the conversation',
  'person-set-status': 'a person had resolved or snoozed it by then',
  'automation-assigned': 'an automation rule had given it to somebody by then',
  'bot-assigned': 'another bot had given it to somebody by then',
  otherwise: 'no rule matched, so “otherwise” applies',
  'no-rule': 'no rule matched',
  // bot-replies: whose message it is
  'own-message': 'it is the bot’s own message',
  'private-note': 'it is a private note',
  template: 'it is a message Chatwoot sent by itself',
  'from-bot': 'another bot wrote it',
  automation: 'an automation rule wrote it',
  'not-incoming': 'it is not from the customer',
  'not-from-contact': 'it is not from the customer',
  deleted: 'the message was deleted',
  'blocked-contact': 'the contact is blocked',
  'no-text': 'there is no text in it',
  // bot-replies: whose conversation it is
  resolved: 'the conversation is resolved',
  snoozed: 'the conversation is snoozed',
  'human-assigned': 'a human has the conversation',
  'human-took-over': 'a human took over the conversation',
  'handed-off': 'the bot had handed the conversation to humans',
  'other-bot': 'another bot has the conversation',
  'not-pending': 'it is not the bot’s turn: the conversation is open',
  'human-began': 'a human began the conversation',
  'human-set-status': 'a human had set its status',
  'already-answered': 'this message or a later one was answered already',
  'rule-failed': 'a function of the rules failed',
  // bot-replies: whether the customer got it
  'cannot-reply': 'the channel takes no reply at present',
  undelivered: 'an answer did not reach the customer',
  failed: 'the channel did not deliver it',
  'external-error': 'the channel refused it',
  'already-told': 'it was told already that this message did not reach the customer',
  // bot-replies: what it remembers
  'human-reply': 'a human answered',
  created: 'the conversation began',
  changed: 'its assignee, team or status was changed',
  'nothing-new': 'it says nothing new of who has the conversation',
  'given-back': 'the conversation was given back to the bot',
  'not-given-back': 'the conversation was not given back to the bot',
  'nothing-remembered': 'there was nothing to forget',
  // the healer
  overdue: 'the bot had not answered in time',
  dead: 'the bot’s own job had failed for good',
  'bot-off': 'the bot was turned off',
  'no-order': 'there is nothing to hand over in it',
  'no-bot': 'the inbox has no bot, so people see the conversation',
  'human-replied': 'a human had answered',
  'resolved-since': 'it was resolved since, and the customer has written anew',
  'given-back-since': 'a person had it since and gave it back, and the customer has written anew',
  'bot-came-back': 'the bot had dealt with it by then',
  'bot-is-on': 'the bot was turned on again',
  // custom workers
  'not-wanted': 'the worker’s own “events” function does not want it any more',
};

/** Words for a reason: `human-took-over` → `a human took over the conversation`, `rule:hours` → `rule “hours” matched`. */
export function reasonInWords(reason: string): string {
  const rule = /^rule:(.+)$/s.exec(reason)?.[1];
  if (rule !== undefined) return `rule “${rule}” matched`;
  return knownReason(reason) ?? reason.replaceAll('-', ' ');
}

/** null for a reason that only a custom worker can have given. */
export function knownReason(reason: string): string | null {
  return Object.hasOwn(REASONS, reason) ? (REASONS[reason] ?? null) : null;
}

const ACTIONS: Readonly<Record<string, string>> = {
  none: 'Nothing to do',
  silent: 'Said nothing',
  reply: 'Answered',
  handoff: 'Handed over to humans',
  'take-offer': 'Took up the offer and handed over to humans',
  'decline-offer': 'Took the offer as declined',
  'hand-over-late': 'Handed over to humans: too late for an answer',
  'hand-over': 'Handed over to humans what the bot had left',
  open: 'Opened for the humans who have it',
  nothing: 'Nothing to do',
  'let-pass': 'Let it pass',
  'tell-undelivered': 'Told humans that an answer did not arrive',
  'note-who': 'Noted who has the conversation',
  'remember-human': 'Stays out from now on',
  forget: 'Forgot what it remembered of the conversation',
  assign: 'Assigned',
  'create-lead': 'Made a lead',
  'update-leads': 'Changed the leads',
  run: 'Ran',
  skip: 'Skipped',
};

/** Words for what was decided. Actions of custom workers are their own. */
export function actionInWords(action: string): string {
  return knownAction(action) ?? sentence(action.replaceAll('-', ' '));
}

/** null for an action that only a custom worker can have taken. */
export function knownAction(action: string): string | null {
  return Object.hasOwn(ACTIONS, action) ? (ACTIONS[action] ?? null) : null;
}

const STEPS: Readonly<Record<string, string>> = {
  'find-account': 'found the account, which the event did not name',
  'create-lead': 'made the lead in the CRM',
  'rehearse-lead': 'made the lead and did not send it: this is a rehearsal',
  'remember-lead': 'remembered the lead',
  'remember-contact': 'remembered what the CRM has of the contact',
  begin: 'looked up the names in Chatwoot',
  assigned: 'remembered the assignment',
  'assign-team': 'assigned the team',
  'assign-agent': 'assigned the person',
  'set-priority': 'set the priority',
  'add-labels': 'added labels',
  reply: 'sent the answer',
  greeting: 'greeted the customer',
  'count-undelivered': 'counted it',
  'take-back': 'no longer counts it as answered',
  'handoff-reply': 'said that humans take over',
  'decline-reply': 'said that it is fine',
  note: 'wrote a private note',
  open: 'opened the conversation for humans',
  claim: 'made sure that nobody else hands it over',
  'begin-handoff': 'began the handover',
  remember: 'remembered it',
  forget: 'forgot it',
};

/** Words for a step; one with a subject, such as `update-lead:42`, keeps it. */
export function stepInWords(name: string): string {
  const [, conversation] = /^update-lead:(\d+)$/.exec(name) ?? [];
  if (conversation !== undefined) return `changed the lead of conversation ${conversation}`;
  return knownStep(name) ?? name;
}

/** null for a step that only a custom worker can have. */
export function knownStep(name: string): string | null {
  return Object.hasOwn(STEPS, name) ? (STEPS[name] ?? null) : null;
}

const EVENTS: Readonly<Record<string, string>> = {
  conversation_created: 'A conversation began',
  conversation_updated: 'The conversation was changed',
  conversation_status_changed: 'The conversation’s status was changed',
  conversation_resolved: 'The conversation was resolved',
  conversation_opened: 'The conversation was opened',
  message_created: 'A message was written',
  message_updated: 'A message was changed',
  contact_created: 'A contact was made',
  contact_updated: 'The contact was changed',
  webwidget_triggered: 'Somebody opened the chat',
};

/** Words for an event's name. */
export function eventInWords(name: string): string {
  return (Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined) ?? sentence(name.replaceAll('_', ' '));
}

const NEXT = {
  retry: 'to be tried again',
  hold: 'the whole queue waits for its target',
  dead: 'given up',
  'handed-back': 'handed back for another worker',
} as const;

/** What a failed attempt led to. */
export function nextInWords(next: keyof typeof NEXT): string {
  return NEXT[next];
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
