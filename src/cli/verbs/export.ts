import { EXIT } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const exportResources: Verb = {
  usage: ['export [--tenant ID] [--json]'],
  about:
    'Writes all resources as a file that "holdfast apply" takes back: tenants, domains, users, groups, relays. Passwords are written as hashes. Keep the file as you keep a backup.',
  flags: { tenant: { kind: 'text', value: 'ID', help: 'only this tenant' } },
  examples: ['holdfast export > resources.yaml', 'holdfast export --tenant acme'],
  run: async ({ flags, json, answer, terminal, operations }) => {
    if (flags.words.length > 0) throw usage('export writes to standard output: holdfast export > FILE.');
    await using server = await operations('reads');
    const found = await server.call<{ document: unknown; yaml: string }>('resources.export', {
      tenant: flags.text('tenant'),
    });
    if (json) answer(found.document);
    else terminal.print(found.yaml.trimEnd());
    return EXIT.done;
  },
};
