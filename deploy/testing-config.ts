import { defineConfig } from '@switchyard/config';
import own from '../switchyard.config.ts';

/** The sample config, and a queue of the user's own that no process works on. */
export default defineConfig({
  ...own,
  workers: { 'vip-alerts': { events: ['conversation_created'], steps: async () => {} } },
});
