/** What a refusal for lack of trust in the address that we came from means, where that is one of a pool. */
import { classOf, providerOf } from '#/codec/refusal/index.ts';
import type { DestinationKey } from '#/model/index.ts';
import type { UpstreamEar } from '#/ports/index.ts';
import type { Job } from './job.ts';
import { restMs, type Sources } from './sources.ts';

/**
 * The address rests for the provider; and where another one of its pool serves it meanwhile, whom it was refused for good is tried again from there. Whether
 * it was so.
 */
export function giveRest(job: Job, sources: Sources, ear: UpstreamEar, destination: DestinationKey): boolean {
  const { source } = job;
  if (source === null) return false;
  let isDistrusted = false;
  for (const [n, verdict] of job.verdicts) {
    if (verdict.kind !== 'refused' && verdict.kind !== 'later') continue;
    const { reply } = verdict;
    if (reply.host === null || classOf(reply) !== 'reputation') continue;
    isDistrusted = true;
    ear.rested(destination, reply.host, source.address, restMs);
    if (sources.rest(source, providerOf(reply.host).id)) job.verdicts.set(n, { kind: 'later', reply });
  }
  return isDistrusted;
}
