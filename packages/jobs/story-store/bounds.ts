/** Unless the config says otherwise (`stories.keepHours`). */
export const KEEP_STORIES_MS = 72 * 60 * 60_000;

/** Of the stories of all shards, unless the config says otherwise (`stories.megabytes`). */
export const STORIES_BYTES = 64 * 1024 * 1024;
