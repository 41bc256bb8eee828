import { createServer, type ServerResponse } from 'node:http';

/** The chat of the example: takes messages under an id the sender chose, and tells whether it has one. */
export async function startChat() {
  const posts: { readonly id: unknown; readonly text: unknown }[] = [];
  const lookups: string[] = [];
  const held: ServerResponse[] = [];
  let holds = false;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      if (request.method === 'GET') {
        const id = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
        lookups.push(id);
        response.writeHead(posts.some((post) => post.id === id) ? 200 : 404).end('{}');
        return;
      }
      posts.push(JSON.parse(body));
      if (holds) held.push(response);
      else response.writeHead(201).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    posts,
    lookups,
    /** Takes what is posted, and does not answer. */
    hold() {
      holds = true;
    },
    answer() {
      holds = false;
    },
    close() {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
