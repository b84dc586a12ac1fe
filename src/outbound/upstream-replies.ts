/** What an attempt tells of the server that was asked: the replies that count, one for each recipient. */
import type { DestinationKey } from '#/model/index.ts';
import type { UpstreamReply } from '#/ports/index.ts';
import type { Job } from './job.ts';

/** Empty where nobody was asked: mail of ours, and what was decided without an attempt. */
export function repliesOf(job: Job, destination: DestinationKey): readonly UpstreamReply[] {
  if (!/^(?:mx|route|cloud):/.test(destination)) return [];
  const replies: UpstreamReply[] = [];
  for (const verdict of job.verdicts.values()) {
    if (verdict.kind !== 'untried' && verdict.kind !== 'decided')
      replies.push({ kind: verdict.kind, reply: verdict.reply });
  }
  return replies;
}
