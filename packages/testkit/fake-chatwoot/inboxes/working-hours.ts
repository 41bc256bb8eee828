import { iso } from '../clock.ts';
import type { Attributes, InboxRow } from '../records.ts';

const days = [0, 1, 2, 3, 4, 5, 6];

/** Monday to Friday from nine to five, as a new inbox has it; they only count while `working_hours_enabled`. */
export function workingHours(): readonly Attributes[] {
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

/** The same as whole rows: in webhooks of an inbox and in the widget's configuration. */
export function workingHoursRows(accountId: number, inbox: InboxRow): readonly Attributes[] {
  return workingHours().map((hours, day) => ({
    id: inbox.id * 10 + day,
    inbox_id: inbox.id,
    account_id: accountId,
    ...hours,
    created_at: iso(inbox.created_at),
    updated_at: iso(inbox.created_at),
  }));
}
