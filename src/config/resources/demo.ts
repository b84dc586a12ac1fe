/** The tenant of a first trial: two people and a scanner on a domain that can belong to nobody (RFC 2606 §2). */
import { hash, randomBytes } from 'node:crypto';
import { generatePassword } from './password.ts';
import type { PreparedFile } from './prepare.ts';

/** What is printed once. */
export interface DemoCredential {
  /** As people say it: `Alice`, `scanner`. */
  readonly who: string;
  readonly username: string;
  readonly password: string;
  /** An address that it may send from. */
  readonly sender: string;
}

export interface Demo {
  readonly prepared: PreparedFile;
  readonly domain: string;
  readonly credentials: readonly DemoCredential[];
}

const DOMAIN = 'demo.test';

/** A resource file with random passwords, and these passwords. For an installation without any resources. */
export function demoResources(random: (bytes: number) => Uint8Array = randomBytes): Demo {
  const credentials = [
    { who: 'Alice', username: `alice@${DOMAIN}`, sender: `alice@${DOMAIN}` },
    { who: 'Bob', username: `bob@${DOMAIN}`, sender: `bob@${DOMAIN}` },
    { who: 'the scanner', username: 'scanner', sender: `scanner@${DOMAIN}` },
  ].map((one) => ({ ...one, password: generatePassword(random) }));
  const [alice, bob, scanner] = credentials.map(({ username, password }) => ({
    username,
    password: { sha256: hash('sha256', password) },
  }));
  const tenant = {
    id: 'demo',
    name: 'Demo',
    language: 'en',
    timezone: 'UTC',
    contacts: [`alice@${DOMAIN}`],
    domains: [DOMAIN],
    users: [
      {
        address: alice?.username,
        password: alice?.password,
        roles: ['admin'],
        attributes: { displayName: 'Alice Archer', jobTitle: 'Buyer', department: 'Sales' },
      },
      { address: bob?.username, password: bob?.password, attributes: { displayName: 'Bob Baker' } },
    ],
    groups: [{ name: 'everyone', address: `everyone@${DOMAIN}`, members: [alice?.username, bob?.username] }],
    relays: [{ name: 'scanner', kind: 'device', ...scanner, senders: [`scanner@${DOMAIN}`] }],
  };
  return { prepared: { file: 'demo', document: { tenants: [tenant] }, places: {} }, domain: DOMAIN, credentials };
}
