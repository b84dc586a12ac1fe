/** Both ends of `ports/local-delivery.ts` over the local socket of the process that owns the accounts. */
import type { LocalAnswer, LocalDelivery, LocalMail } from '#/ports/index.ts';
import { checked } from './arguments.ts';
import type { RemoteCaller, RemoteMethod } from './custody.ts';

const METHOD = 'delivery.deliver';

/** What is served to those who deliver. */
export function localDeliveryMethods(delivery: LocalDelivery): Map<string, RemoteMethod> {
  return new Map([[METHOD, async (args, { call }) => delivery.deliver(checked(args, 1)[0] as LocalMail, call)]]);
}

/** Local delivery behind a local client, which is somebody else's to close. */
export function remoteLocalDelivery(client: RemoteCaller): LocalDelivery {
  return {
    deliver: async ({ id, tenant, sender, hops, receivedAt, body, recipients }, call) => {
      const named = recipients.map(({ n, address, original }) => ({ n, address, original }));
      const mail: LocalMail = { id, tenant, sender, hops, receivedAt, body, recipients: named };
      return (await client.call(METHOD, [mail], call)) as readonly LocalAnswer[];
    },
  };
}
