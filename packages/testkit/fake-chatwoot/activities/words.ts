/** The languages the fake's activities can be in. */
export type Locale = 'en' | 'de' | 'fr' | 'es' | 'pt_BR';

/** Chatwoot's words for what was done, with `{names}` where it puts them; `user` is who did it. */
export interface Words {
  readonly open: string;
  readonly resolved: string;
  readonly pending: string;
  readonly snoozed: string;
  readonly botError: string;
  readonly prioritySet: string;
  readonly priorityChanged: string;
  readonly priorityRemoved: string;
  readonly selfAssigned: string;
  readonly assigned: string;
  readonly unassigned: string;
  readonly teamAssigned: string;
  readonly assignedVia: string;
  readonly teamRemoved: string;
  readonly labelsAdded: string;
  readonly labelsRemoved: string;
}

const english: Words = {
  open: 'Conversation was reopened by {user}',
  resolved: 'Conversation was marked resolved by {user}',
  pending: 'Conversation was marked as pending by {user}',
  snoozed: 'Conversation was snoozed by {user}',
  botError: 'Conversation was marked open by system due to an error with the agent bot.',
  prioritySet: '{user} set the priority to {to}',
  priorityChanged: '{user} changed the priority from {from} to {to}',
  priorityRemoved: '{user} removed the priority',
  selfAssigned: '{user} self-assigned this conversation',
  assigned: 'Assigned to {assignee} by {user}',
  unassigned: 'Conversation unassigned by {user}',
  teamAssigned: 'Assigned to {team} by {user}',
  assignedVia: 'Assigned to {assignee} via {team} by {user}',
  teamRemoved: 'Unassigned from {team} by {user}',
  labelsAdded: '{user} added {labels}',
  labelsRemoved: '{user} removed {labels}',
};

/**
 * Activities are in the account's language (contract [R] 4). Source: `conversations.activity.*` in Chatwoot's
 * `config/locales`; what a language lacks there is said in English.
 */
export const words: Readonly<Record<Locale, Words>> = {
  en: english,
  de: {
    ...english,
    open: 'Das Gespräch wurde von {user} wieder eröffnet',
    resolved: 'Das Gespräch wurde von {user} gelöst',
    pending: 'Das Gespräch wurde von {user} als ausstehend markiert',
    snoozed: 'Das Gespräch wurde von {user} zur Erinnerung markiert',
    prioritySet: '{user} hat die Priorität auf {to} gesetzt',
    priorityChanged: '{user} hat die Priorität von {from} zu {to} geändert',
    priorityRemoved: '{user} hat die Priorität entfernt',
    selfAssigned: '{user} hat sich dieses Gespräch selbst zugewiesen',
    assigned: '{user} von {assignee} zugewiesen',
    unassigned: 'Gespräch nicht zugewiesen von {user}',
    teamAssigned: 'Zugewiesen an {team} von {user}',
    assignedVia: 'Zugewiesen an {assignee} über {team} von {user}',
    teamRemoved: 'Entfernt aus {team} von {user}',
    labelsAdded: '{user} hat {labels} hinzugefügt',
    labelsRemoved: '{user} hat {labels} entfernt',
  },
  fr: {
    ...english,
    open: 'La conversation a été ré-ouverte par {user}',
    resolved: 'La conversation a été marquée résolue par {user}',
    pending: 'La conversation a été marquée comme en attente par {user}',
    snoozed: 'La conversation a été reportée par {user}',
    selfAssigned: "{user} s'est auto-assigné cette conversation",
    assigned: 'Assigné à {assignee} par {user}',
    unassigned: 'Responsable de la conversation supprimé par {user}',
    teamAssigned: 'Assigné à {team} par {user}',
    assignedVia: 'Assigné à {assignee} via {team} par {user}',
    teamRemoved: 'Non assigné de {team} par {user}',
    labelsAdded: '{user} a ajouté {labels}',
    labelsRemoved: '{user} a supprimé {labels}',
  },
  es: {
    ...english,
    open: 'La conversación fue reabierta por {user}',
    resolved: 'La conversación fue marcada por {user}',
    pending: 'La conversación fue marcada como pendiente por {user}',
    snoozed: 'La conversación fue pospuesta por {user}',
    prioritySet: '{user} estableció la prioridad a {to}',
    priorityChanged: '{user} cambió la prioridad de {from} a {to}',
    priorityRemoved: '{user} eliminó la prioridad',
    selfAssigned: '{user} auto-asignado a esta conversación',
    assigned: 'Asignado a {assignee} por {user}',
    unassigned: 'Conversación no asignada por {user}',
    teamAssigned: 'Asignado a {team} por {user}',
    assignedVia: 'Asignado a {assignee} via {team} por {user}',
    teamRemoved: 'Desasignado de {team} por {user}',
    labelsAdded: '{user} agregó {labels}',
    labelsRemoved: '{user} eliminó a {labels}',
  },
  pt_BR: {
    ...english,
    open: 'Conversa foi reaberta por {user}',
    resolved: 'Conversa foi marcada como resolvida por {user}',
    pending: 'Conversa foi marcada como pendente por {user}',
    snoozed: 'Conversa foi adiada por {user}',
    botError: 'A conversa foi marcada como aberta pelo sistema devido a um erro com o robô de atendimento.',
    prioritySet: '{user} definiu a prioridade para {to}',
    priorityChanged: '{user} mudou a prioridade de {from} para {to}',
    priorityRemoved: '{user} removeu a prioridade',
    selfAssigned: '{user} atribuiu a si mesmo essa conversa',
    assigned: 'Atribuído a {assignee} por {user}',
    unassigned: 'Conversa desatribuída por {user}',
    teamAssigned: 'Atribuído a {team} por {user}',
    assignedVia: 'Atribuído a {assignee} via {team} por {user}',
    teamRemoved: 'Desatribuído de {team} por {user}',
    labelsAdded: '{user} adicionou {labels}',
    labelsRemoved: '{user} removeu {labels}',
  },
};

export function filled(phrase: string, names: Readonly<Record<string, unknown>>): string {
  return phrase.replace(/\{(\w+)\}/g, (_, name: string) => String(names[name] ?? ''));
}
