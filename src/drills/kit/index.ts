/**
 * What drills are made of, and the tests of the whole program too: a throwaway installation of real processes, a next hop that counts and
 * can be told to misbehave, a client that remembers what it got a 250 for, readers by IMAP and POP3 that compare what they are told with
 * what was put there, a crowd of companies whose mail is counted by the octet, a pager, a look at the status, and a seeded die. Holds no state of its own.
 */
export { askApart } from './apart.ts';
export { Crowd } from './crowd.ts';
export { die } from './die.ts';
export { type Drafted, draftOf } from './drafted.ts';
export { freePort } from './free-port.ts';
export { ImapClient } from './imap-client.ts';
export { type Answer, eventually, Installation, type InstallationOptions, kill, pause } from './installation.ts';
export { fill, letterOf } from './letters.ts';
export { type Inbox, type Look, type MailPorts, MailReader } from './mail-reader.ts';
export { type OperatorsPager, startPager } from './pager.ts';
export { type MailUser, Pop3Client } from './pop3-client.ts';
export { GENTLE, type HopTemper, type ScriptedHop, startHop } from './scripted-hop.ts';
export { type SlowFilter, startSlowFilter } from './slow-filter.ts';
export { type Answered, TestClient, type TestMail } from './smtp-client.ts';
export { StatusLook } from './status-look.ts';
export { RESOURCES, type Sent, SteadyLoad, settingsFor, TENANTS } from './two-tenants.ts';
