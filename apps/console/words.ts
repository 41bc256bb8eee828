import { type Html, html } from './html.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration for people: `41 ms`, `2.4 s`, `3 min`, `5 h 20 min`, `2 d 3 h`. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return two(ms, MINUTE, 'min', SECOND, 's', 10);
  if (ms < DAY) return two(ms, HOUR, 'h', MINUTE, 'min', 24);
  return two(ms, DAY, 'd', HOUR, 'h', 10);
}

/** Two units, where the larger is small enough for the smaller to matter. */
function two(ms: number, large: number, largeName: string, small: number, smallName: string, until: number) {
  const whole = Math.floor(ms / large);
  const rest = Math.floor((ms - whole * large) / small);
  return whole >= until || rest === 0
    ? `${whole} ${largeName}`
    : `${whole} ${largeName} ${rest} ${smallName}`;
}

/** `1 job`, `1,204 jobs`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${figure(number)} ${number === 1 ? one : many}`;
}

export function figure(number: number): string {
  return number.toLocaleString('en-US');
}

export function bytes(number: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = number < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(number) / 10));
  const value = number / 1024 ** power;
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${units[power]}`;
}

/** An instant; UTC as it is sent, and the reader's own time once the page's script has seen it. */
export function time(at: number, style: 'clock' | 'full' | 'ago' = 'clock'): Html {
  const date = new Date(Math.min(Math.max(at, 0), 8.64e15));
  const iso = date.toISOString();
  const text = style === 'clock' ? `${iso.slice(11, 19)} UTC` : `${iso.slice(0, 19).replace('T', ' ')} UTC`;
  return html`<time datetime="${iso}" data-style="${style}" title="${iso}">${text}</time>`;
}
