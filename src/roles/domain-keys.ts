/** Keys of domains as the roles have them: `deliver` signs with them, operations make and change them. */
import type { Settings } from '#/config/index.ts';
import { Fault, isFault } from '#/model/index.ts';
import type { Clock, DirectorySource, MailSigner } from '#/ports/index.ts';
import { openBody, sealBody } from '#/store/keys/index.ts';
import { KeyBook, type KeySeal, mailSigner } from '#/trust/index.ts';
import type { Stores } from './stores.ts';

const PURPOSE = 'keys of domains 1';

/** Seals under a key of its own, made from the installation's. */
export function keySealOf({ derivedKey }: Pick<Stores, 'derivedKey'>): KeySeal {
  return {
    seal: (name, octets) => sealBody(derivedKey(PURPOSE), name, [octets]),
    open(name, sealed) {
      try {
        return openBody(derivedKey(PURPOSE), name, sealed);
      } catch (error) {
        if (!isFault(error, 'body.damaged')) throw error;
        throw new Fault('key.missing', `It does not open ${name}.`, error);
      }
    },
  };
}

/** What signs mail that leaves this process. */
export function signerOf(
  settings: Pick<Settings, 'hostname'>,
  stores: Pick<Stores, 'domainKeys' | 'derivedKey'>,
  { directory, clock }: { readonly directory: DirectorySource; readonly clock: Clock },
): MailSigner {
  const book = new KeyBook({ keys: stores.domainKeys, seal: keySealOf(stores), clock });
  return mailSigner(settings, { book, directory });
}
