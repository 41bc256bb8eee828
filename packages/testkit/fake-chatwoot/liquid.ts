import type { ContactRow, ConversationRow, InboxRow, UserRow } from './records.ts';

interface LiquidNames {
  readonly contact: ContactRow;
  readonly conversation: ConversationRow;
  readonly inbox: InboxRow;
  readonly agent: UserRow | null;
}

/**
 * The part of Liquid a message can trip over: `{{ contact.name }}` is filled in, an unknown name becomes
 * nothing, a `{% tag %}` disappears, text between backticks is left alone, and a template that doesn't parse
 * is sent as it is (contract §3.2).
 */
export function renderLiquid(content: string, names: LiquidNames): string {
  const values = variables(names);
  const parts = content.split(/(`[^`]*`)/);
  if (parts.some((part, index) => index % 2 === 0 && isBroken(part))) return content;
  return parts.map((part, index) => (index % 2 === 1 ? part : renderPart(part, values))).join('');
}

function renderPart(text: string, values: ReadonlyMap<string, string>): string {
  return text
    .replace(/\{\{-?\s*([\w.]*)[^}]*\}\}/g, (_, name: string) => values.get(name) ?? '')
    .replace(/\{%.*?%\}/gs, '');
}

function isBroken(text: string): boolean {
  return /\{\{(?![^{}]*\}\})/.test(text) || /\{%(?!.*?%\})/s.test(text);
}

function variables({ contact, conversation, inbox, agent }: LiquidNames): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const person = (prefix: string, name: string, email: string | null) => {
    const [first = '', ...rest] = name.split(' ');
    values.set(`${prefix}.name`, name);
    values.set(`${prefix}.first_name`, first);
    values.set(`${prefix}.last_name`, rest.at(-1) ?? '');
    values.set(`${prefix}.email`, email ?? '');
  };
  person('contact', contact.name, contact.email);
  values.set('contact.phone_number', contact.phone_number ?? '');
  if (agent !== null) person('agent', agent.name, agent.email);
  values.set('conversation.display_id', String(conversation.id));
  values.set('inbox.name', inbox.name);
  for (const [key, value] of Object.entries(contact.custom_attributes)) {
    values.set(`contact.custom_attribute.${key}`, String(value));
  }
  return values;
}
