/**
 * Two services that Postfix asks over the loopback: one says what to do with a recipient (its policy protocol), one whether a password is
 * right (the protocol of Dovecot's sign-in service).
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { SIGN_IN } from './peer.ts';

/** A service and its port. */
export interface Service extends AsyncDisposable {
  readonly port: number;
}

/** `decide` gets the recipient and gives Postfix its action. */
export function startPolicy(decide: (recipient: string) => string): Promise<Service> {
  return serve((socket) => {
    onParts(socket, '\n\n', (request) => {
      const recipient = /^recipient=(.*)$/m.exec(request)?.[1] ?? '';
      socket.write(`action=${decide(recipient)}\n\n`);
    });
  });
}

/** Knows one user, by PLAIN and by LOGIN. */
export function startSignIn(): Promise<Service> {
  return serve((socket) => {
    socket.write('VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t00\nDONE\n');
    const names = new Map<string, string>();
    onParts(socket, '\n', (line) => {
      const [verb, id = '', ...words] = line.split('\t');
      if (verb === 'AUTH') socket.write(begun(id, words, names));
      if (verb === 'CONT') socket.write(continued(id, words[0] ?? '', names));
    });
  });
}

function begun(id: string, words: readonly string[], names: Map<string, string>): string {
  const given = words.find((word) => word.startsWith('resp='))?.slice(5) ?? '';
  if (words[0] === 'PLAIN') return verdict(id, decoded(given).split('\0').slice(1));
  names.delete(id);
  return `CONT\t${id}\t${Buffer.from('Username:').toString('base64')}\n`;
}

function continued(id: string, given: string, names: Map<string, string>): string {
  const name = names.get(id);
  if (name !== undefined) return verdict(id, [name, decoded(given)]);
  names.set(id, decoded(given));
  return `CONT\t${id}\t${Buffer.from('Password:').toString('base64')}\n`;
}

function verdict(id: string, [name = '', password = '']: readonly string[]): string {
  const good = name === SIGN_IN.username && password === SIGN_IN.password;
  return good ? `OK\t${id}\tuser=${name}\n` : `FAIL\t${id}\tuser=${name}\n`;
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

function onParts(socket: Socket, end: string, take: (part: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split(end);
    rest = parts.pop() ?? '';
    for (const part of parts) take(part);
  });
}

async function serve(greet: (socket: Socket) => void): Promise<Service> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    greet(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
