/** Whether a server on the loopback gives an answer to a question. */
import { once } from 'node:events';
import { connect } from 'node:net';

const SILENCE_MAX_MS = 2_000;

/** True when the first thing that it says holds `answer`. */
export async function says(port: number, question: string, answer: string): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.setTimeout(SILENCE_MAX_MS, () => socket.destroy(new Error('silent')));
  try {
    socket.write(question);
    const [piece] = await once(socket, 'data');
    return String(piece).includes(answer);
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
