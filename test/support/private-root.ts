/**
 * A server of others that insists on its own users and places, run without touching the system: as root in a mount and process namespace of
 * its own, where /etc/passwd and /etc/group have a few lines more and chosen folders are private. What runs inside ends with it.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** What the server sees instead of the system's own. */
export interface PrivateRoot {
  /** A folder that goes with it. */
  readonly base: string;
  /** Users that it needs: name, number, home; each has a group of its name and number. */
  readonly users: readonly { readonly name: string; readonly id: number; readonly home: string }[];
  /** Folders that are empty at first. */
  readonly empty: readonly string[];
  /** Folders made inside the empty ones, or shown in place of others: `from` is what is seen at `at`. */
  readonly shown: readonly { readonly at: string; readonly from: string }[];
  /** Folder of an unpacked package whose `usr` is laid over the system's: for programs that know their places by heart. */
  readonly over?: string;
  /** Folders whose libraries are found as those of the system are. */
  readonly libraries: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A program inside. */
export interface Inside extends AsyncDisposable {
  /** The root of its processes, as seen from outside. */
  readonly pid: number;
  /** What it wrote. */
  output(): string;
  ended(): boolean;
  /** Runs another program beside it, as the group where one is given, to its end; resolves with what that wrote. */
  run(program: string, words: readonly string[], group?: number): Promise<string>;
}

const STOP_DEADLINE_MS = 5_000;
const RUN_DEADLINE_MS = 10_000;
const OUTPUT_MAX = 1 << 20;
const start = promisify(execFile);

/** Why there can be none here, or null. */
export async function whyNotPrivate(): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'a private root needs root';
  try {
    await start('unshare', [...NAMESPACES, 'true'], { timeout: RUN_DEADLINE_MS });
    return null;
  } catch {
    return 'this system gives no mount and process namespaces (unshare -m -p)';
  }
}

const NAMESPACES = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', '--'];

// The shell is the first process of the namespace, and all others go with it. It ends when the server does, and when nobody holds the
// other end of its input any more: a test that is killed leaves nothing behind.
const WATCH = `exec 3<&0
"$@" </dev/null 3<&- & server=$!
(cat <&3 >/dev/null; kill -KILL $server) &
wait $server`;

/** Starts a program that stays in the foreground. */
export function startInside(root: PrivateRoot, program: string, words: readonly string[]): Inside {
  const script = `${layOut(root)}\n${WATCH}`;
  const child = spawn('unshare', [...NAMESPACES, 'sh', '-e', '-c', script, 'sh', program, ...words], {
    env: root.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  let bytes = 0;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= OUTPUT_MAX) said.push(chunk);
    });
  }
  return {
    pid: child.pid ?? 0,
    output: () => Buffer.concat(said).toString('utf8'),
    ended: () => child.exitCode !== null || child.signalCode !== null,
    run: (other, others, group = 0) => runBeside(child, root, [other, ...others], group),
    [Symbol.asyncDispose]: () => end(child),
  };
}

function layOut({ base, users, empty, shown, libraries, over }: PrivateRoot): string {
  const passwd = users.map(({ name, id, home }) => `${name}:x:${id}:${id}::${home}:/usr/sbin/nologin`);
  const group = users.map(({ name, id }) => `${name}:x:${id}:`);
  for (const [file, lines] of [
    ['passwd', passwd],
    ['group', group],
  ] as const) {
    const system = readFileSync(`/etc/${file}`, 'utf8').trimEnd();
    writeFileSync(join(base, file), `${system}\n${lines.join('\n')}\n`, { mode: 0o644 });
  }
  writeFileSync(join(base, 'ld.so.conf'), `include /etc/ld.so.conf\n${libraries.join('\n')}\n`);
  const list = `/sbin/ldconfig -X -C '${base}/ld.so.cache' -f '${base}/ld.so.conf'`;
  return [
    ...(over === undefined ? [] : [`mount -t overlay none -o 'lowerdir=${over}/usr:/usr' /usr`]),
    ...(libraries.length === 0 ? [] : [list, `mount --bind '${base}/ld.so.cache' /etc/ld.so.cache`]),
    'mount -t proc proc /proc',
    `mount --bind '${base}/passwd' /etc/passwd`,
    `mount --bind '${base}/group' /etc/group`,
    ...empty.map((folder) => `mount -t tmpfs none '${folder}'`),
    ...shown.flatMap(({ at, from }) => [`mkdir -p '${at}'`, `mount --bind '${from}' '${at}'`]),
  ].join('\n');
}

async function runBeside(
  child: ChildProcess,
  root: PrivateRoot,
  words: readonly string[],
  group: number,
): Promise<string> {
  const [first = ''] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
  const { stdout, stderr } = await start('nsenter', ['-t', first, '-m', '-p', '-G', String(group), '--', ...words], {
    env: root.env,
    timeout: RUN_DEADLINE_MS,
  });
  return stdout + stderr;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.stdin?.destroy();
    await Promise.race([gone, sleep(STOP_DEADLINE_MS, undefined, { ref: false })]);
    child.kill('SIGKILL');
  }
  child.stdout?.destroy();
  child.stderr?.destroy();
}
