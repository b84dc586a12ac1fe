/**
 * What drills are made of, and the tests of the whole program too: a throwaway installation of real processes, a next hop that counts and
 * can be told to misbehave, a client that remembers what it got a 250 for, readers by IMAP and POP3 that compare what they are told with
 * what was put there, and a seeded die. Holds no state of its own.
 */
export { askApart } from './apart.ts';
export { die } from './die.ts';
export { freePort } from './free-port.ts';
export { ImapClient } from './imap-client.ts';
export { type Answer, eventually, Installation, type InstallationOptions, kill, pause } from './installation.ts';
export { fill, letterOf } from './letters.ts';
export { type Inbox, type Look, type MailPorts, MailReader } from './mail-reader.ts';
export { type MailUser, Pop3Client } from './pop3-client.ts';
export { GENTLE, type HopTemper, type ScriptedHop, startHop } from './scripted-hop.ts';
export { type SlowFilter, startSlowFilter } from './slow-filter.ts';
export { type Answered, TestClient, type TestMail } from './smtp-client.ts';
export { RESOURCES, type Sent, SteadyLoad, settingsFor, TENANTS } from './two-tenants.ts';
