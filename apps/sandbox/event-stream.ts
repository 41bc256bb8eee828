import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Board } from './board.ts';

const beatMs = 5_000;
/** A page that reads slower than this much behind is cut off; it comes back and gets a fresh snapshot. */
const maxBehindBytes = 4 * 1024 * 1024;

/**
 * The board as Server-Sent Events: `snapshot` with every entry, then a `patch` for each change, and a `beat`
 * every five seconds, so that the page notices a dead connection.
 */
export function streamBoard(board: Board, request: FastifyRequest, reply: FastifyReply): void {
  const response = reply.raw;
  reply.hijack();
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  const send = (event: string, data: unknown) => {
    if (response.writableLength > maxBehindBytes) response.destroy();
    else response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  send('snapshot', board.snapshot());
  const unfollow = board.follow((patch) => send('patch', patch));
  const beat = setInterval(() => send('beat', null), beatMs);
  request.raw.once('close', () => {
    clearInterval(beat);
    unfollow();
  });
}
