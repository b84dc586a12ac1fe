/** Whether an SMTP server on the loopback greets already. */
import { once } from 'node:events';
import { connect } from 'node:net';

const SILENCE_MAX_MS = 2_000;

/** True when the port answers a connection with 220. */
export async function greets(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.setTimeout(SILENCE_MAX_MS, () => socket.destroy(new Error('silent')));
  try {
    const [chunk] = await once(socket, 'data');
    return String(chunk).startsWith('220');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
