import { serve } from './server.ts';

/** Fastify reads the body and does nothing. */
await serve(() => undefined);
