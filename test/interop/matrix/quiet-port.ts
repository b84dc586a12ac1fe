/**
 * Ports for servers that are started later. Those that the system hands out itself may be taken in between by any outgoing connection, so
 * these are of the range below.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';

const LOWEST = 12_000;
const RANGE = 18_000;
const TRIES = 100;

/** A port of 127.0.0.1 that is free now, and that no outgoing connection takes. */
export async function quietPort(): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    const port = LOWEST + Math.floor(Math.random() * RANGE);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port was found');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
