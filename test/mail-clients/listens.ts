/** Whether something takes connections on a port of the loopback. */
import { once } from 'node:events';
import { connect } from 'node:net';

const PATIENCE_MS = 2_000;

/** True when a connection opens. */
export async function listens(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
