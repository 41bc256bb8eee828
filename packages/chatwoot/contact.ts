import { boundedObject } from './bounded-json.ts';
import type { Contact } from './event.ts';
import { idOrNull, type JsonObject, nameOrNull, objectOrNull, tokenOrNull } from './readers.ts';

/** The most that one set of custom attributes may take as JSON; a larger one is left out whole. */
export const MOST_ATTRIBUTE_BYTES = 16 * 1024;

/** Any of Chatwoot's contact forms (contract §2.4) → our contact; null when it names nobody. */
export function readContact(contact: JsonObject): Contact | null {
  const id = idOrNull(contact.id);
  const name = nameOrNull(contact.name);
  const email = tokenOrNull(contact.email, 320)?.toLowerCase() ?? null;
  const phone = tokenOrNull(contact.phone_number, 64);
  const identifier = tokenOrNull(contact.identifier, 1000);
  if (id === null && name === null && email === null && phone === null && identifier === null) return null;
  const more = objectOrNull(contact.additional_attributes);
  return {
    id,
    name,
    email,
    phone,
    identifier,
    blocked: contact.blocked === true,
    customAttributes: boundedObject(contact.custom_attributes, MOST_ATTRIBUTE_BYTES),
    city: nameOrNull(more?.city),
    country: nameOrNull(more?.country) ?? nameOrNull(more?.country_code),
  };
}
