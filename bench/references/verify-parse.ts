import { eventOf } from './event.ts';
import { serve } from './server.ts';

/** The signature is verified and the event made; nothing is kept. */
await serve((body, headers) => void eventOf(body, headers));
