import { mailboxesContract } from '../contract/mailboxes.ts';
import { StandingClock } from '../contract/samples.ts';
import { MemoryAccounts, openMemoryMailboxes } from './index.ts';

mailboxesContract('the model', async () => {
  const clock = new StandingClock();
  const accounts = new MemoryAccounts();
  const open = async () => openMemoryMailboxes({ clock, accounts });
  return { mailboxes: await open(), clock, reopen: open, beside: open, [Symbol.asyncDispose]: async () => {} };
});
