import type { Route } from './api.ts';

/** Which Chatwoot this is, told to anyone; no health check, whatever it looks like (contract [R] 10). */
export const healthRoute: Route = {
  method: 'GET',
  path: '/api',
  withoutToken: true,
  handle: ({ world }) => ({
    version: world.habits.release,
    timestamp: new Date(world.now()).toISOString().slice(0, 19).replace('T', ' '),
    queue_services: 'ok',
    data_services: 'ok',
  }),
};
