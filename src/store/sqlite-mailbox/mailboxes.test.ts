import { mailboxesContract } from '../contract/mailboxes.ts';
import { Fixture } from './fixture.ts';

mailboxesContract('files', async () => {
  const fixture = await Fixture.make();
  const mailboxes = await fixture.open();
  const reopen = async () => {
    await fixture.close();
    return fixture.open(1);
  };
  const dispose = () => fixture[Symbol.asyncDispose]();
  return { mailboxes, clock: fixture.clock, reopen, beside: null, [Symbol.asyncDispose]: dispose };
});
