import { RELEASE } from '#/roles/release.ts';
import { EXIT } from '../exit-codes.ts';
import type { Verb } from '../verb.ts';

export const version: Verb = {
  usage: ['version [--json]'],
  about: 'Says which release of Holdfast this is, and on which Node it runs.',
  flags: {},
  examples: [],
  run: async ({ json, answer, terminal }) => {
    const release = RELEASE;
    if (json) answer({ holdfast: release, node: process.versions.node });
    else terminal.print(`holdfast ${release} on Node ${process.versions.node}`);
    return EXIT.done;
  },
};
