import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Verb } from '../verb.ts';

export const serve: Verb = {
  usage: ['serve [--config FILE] [--data DIR] [--roles ROLE,…] [--demo] [--dev]'],
  about:
    'Runs the server until it is told to stop (Ctrl-C or SIGTERM: it drains and ends with 0). It is ready when GET /readyz on the admin port answers 200. With --demo, a first run on an empty data directory makes a demo tenant and prints its passwords once.',
  flags: {
    roles: {
      kind: 'text',
      value: 'ROLE,…',
      help: 'run only these roles; + joins several in one process (gate+deliver,janitor)',
    },
    demo: { kind: 'yes', help: 'make a demo tenant on the first run' },
    dev: { kind: 'yes', help: 'all roles in one process' },
  },
  examples: ['holdfast serve --demo', 'holdfast serve --config /etc/holdfast/holdfast.yaml'],
  run: async ({ flags, world }) => {
    world.becomeServer();
    const { serve: start } = await import('#/roles/steward.ts');
    const exit = await start({
      ...present('config', flags.text('config')),
      ...present('data', flags.text('data')),
      ...present('roles', flags.text('roles')),
      demo: flags.is('demo'),
      dev: flags.is('dev'),
    });
    return Object.values(EXIT).find((code): code is ExitCode => code === exit) ?? EXIT.tryAgain;
  },
};

function present<K extends string>(key: K, value: string | null): Partial<Record<K, string>> {
  return value === null ? {} : ({ [key]: value } as Partial<Record<K, string>>);
}
