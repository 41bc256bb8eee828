import { z } from 'zod';
import { iso } from '../clock.ts';
import type { Attributes, InboxRow, WorkingHours } from '../records.ts';

const days = [0, 1, 2, 3, 4, 5, 6];

/** Monday to Friday from nine to five, as a new inbox has it. */
export function officeHours(): readonly WorkingHours[] {
  return days.map((day) => {
    const closed = day === 0 || day === 6;
    return {
      day_of_week: day,
      closed_all_day: closed,
      open_hour: closed ? null : 9,
      open_minutes: closed ? null : 0,
      close_hour: closed ? null : 17,
      close_minutes: closed ? null : 0,
      open_all_day: false,
    };
  });
}

const hour = z.number().nullish().default(null);

/** What an administrator may set; days that are not given stay. */
export const givenHours = z.array(
  z.object({
    day_of_week: z.number().int().min(0).max(6),
    closed_all_day: z.boolean().default(false),
    open_all_day: z.boolean().default(false),
    open_hour: hour,
    open_minutes: hour,
    close_hour: hour,
    close_minutes: hour,
  }),
);

export function withHours(
  hours: readonly WorkingHours[],
  given: readonly WorkingHours[],
): readonly WorkingHours[] {
  return hours.map((each) => given.find(({ day_of_week }) => day_of_week === each.day_of_week) ?? each);
}

/** Whether nobody is there at `at` (epoch milliseconds), by the inbox's own hours and timezone. */
export function isOutOfOffice(inbox: InboxRow, at: number): boolean {
  if (!inbox.working_hours_enabled) return false;
  const { day, minute } = localTime(inbox.timezone, at);
  const hours = inbox.working_hours.find(({ day_of_week }) => day_of_week === day);
  if (hours === undefined || hours.open_all_day) return false;
  if (hours.closed_all_day) return true;
  const opens = (hours.open_hour ?? 0) * 60 + (hours.open_minutes ?? 0);
  const closes = (hours.close_hour ?? 0) * 60 + (hours.close_minutes ?? 0);
  return minute < opens || minute >= closes;
}

function localTime(timeZone: string, at: number): { readonly day: number; readonly minute: number } {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (name: string) => parts.find(({ type }) => type === name)?.value ?? '';
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(part('weekday'));
  return { day, minute: Number(part('hour')) * 60 + Number(part('minute')) };
}

/** The hours as whole rows: in webhooks of an inbox and in the widget's configuration. */
export function workingHoursRows(accountId: number, inbox: InboxRow): readonly Attributes[] {
  return inbox.working_hours.map((hours, day) => ({
    id: inbox.id * 10 + day,
    inbox_id: inbox.id,
    account_id: accountId,
    ...hours,
    created_at: iso(inbox.created_at),
    updated_at: iso(inbox.created_at),
  }));
}
