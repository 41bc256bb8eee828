import { type Html, html } from './html.ts';

export interface PageParts {
  /** Of the browser's window, before `Switchyard console`. */
  readonly title: string;
  /** The tab that is lit; null where none is. */
  readonly tab: 'overview' | 'story' | 'dead' | null;
  /** What stands in the search box. */
  readonly search?: string;
  /** Whether there is somebody to log out. */
  readonly canLogOut: boolean;
  readonly body: Html;
}

const TABS = [
  { name: 'overview', path: '/', label: 'Overview' },
  { name: 'story', path: '/story', label: 'Story' },
  { name: 'dead', path: '/dead', label: 'Dead jobs' },
  { name: 'jobs', path: '/jobs', label: 'All jobs' },
] as const;

/** A whole page. */
export function page({ title, tab, search = '', canLogOut, body }: PageParts): string {
  const tabs = TABS.map(
    ({ name, path, label }) =>
      html`<a href="${path}"${name === tab ? html` aria-current="page"` : null}>${label}</a>`,
  );
  return document(
    title,
    html`<header class="masthead">
      <a class="home" href="/"><img class="logo" src="/assets/icon.svg" alt="" width="36" height="36" />
        <span class="title">Switchyard <span>console</span></span></a>
      <nav class="tabs" aria-label="Pages">${tabs}</nav>
      <form class="search" action="/story" role="search">
        <label class="visually-hidden" for="q">Conversation, contact or delivery</label>
        <input id="q" name="q" type="search" value="${search}" maxlength="300" autocomplete="off" spellcheck="false"
          placeholder="Conversation, contact, delivery or link" />
        <button type="submit">Find</button>
      </form>
      ${canLogOut && html`<button type="button" class="quiet" data-act="/logout" data-then="/login">Log out</button>`}
    </header>
    <main id="main">${body}</main>
    <div class="notices" id="notices" role="status" aria-live="polite"></div>
    ${ASK}`,
  );
}

/** A page for who is not let in yet. */
export function barePage(title: string, body: Html): string {
  return document(title, html`<main class="bare">${body}</main>`);
}

/** Where the page's script puts a question before something that can't be undone. */
const ASK = html`<dialog class="ask" id="ask">
  <form method="dialog">
    <p id="ask-text"></p>
    <div class="row"><button value="no">Leave them</button><button class="danger" value="yes" id="ask-yes"></button></div>
  </form>
</dialog>`;

function document(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex" />
    <title>${title} · Switchyard console</title>
    <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/assets/base.css" />
    <link rel="stylesheet" href="/assets/overview.css" />
    <link rel="stylesheet" href="/assets/story.css" />
    <link rel="stylesheet" href="/assets/dead.css" />
    <script type="module" src="/assets/main.js"></script>
  </head>
  <body>${body}</body>
</html>
`.toString();
}
