/**
 * Which room may know which. The floors stand in one table; the rest follows: doors, directions, no circles,
 * and the few modules of Node that only certain rooms may touch.
 */

import type { Import } from '../lib/imports.ts';
import { importsOf, isThere, resolveImport } from '../lib/imports.ts';
import type { Finding } from '../lib/tree.ts';
import { sourcesOf } from '../lib/tree.ts';

const ENGINES = [
  'gate queue inspect held incident outbound trust mailbox transfer imap pop3 sieve jmap',
  'directory announce auth config backup journal campaign status notice desk steward subject telemetry upstream',
].flatMap((line) => line.split(' '));

/** From the ground up. A room knows the floors below its own. */
export const FLOORS: readonly { name: string; rooms: readonly string[]; knowEachOther: boolean }[] = [
  { name: 'words', rooms: ['model', 'codec'], knowEachOther: true },
  { name: 'decisions and ports', rooms: ['policy', 'signature', 'ports'], knowEachOther: true },
  { name: 'connections', rooms: ['wire'], knowEachOther: false },
  { name: 'engines', rooms: ENGINES, knowEachOther: false },
  { name: 'web', rooms: ['web'], knowEachOther: false },
  { name: 'roles', rooms: ['roles'], knowEachOther: false },
  { name: 'outside', rooms: ['cli', 'drills', 'testkit'], knowEachOther: true },
];

/** Beside the floors: these keep promises of ports, and only roles and what stands above them know them. */
const KEEPERS = ['store', 'net', 'log'];
const KEEPERS_KNOW = ['model', 'codec', 'ports'];
const KNOW_KEEPERS = ['roles', 'cli', 'drills', 'testkit'];

/** Rooms that are pure: of Node they may use only what neither waits nor touches the world. */
const PURE = ['codec', 'model', 'policy', 'signature'];
const PURE_MODULES = ['assert', 'assert/strict', 'buffer', 'crypto', 'string_decoder', 'url', 'util', 'punycode'];

/** Modules of Node that belong to one room (and to the roles and tools around it). */
const RESERVED: Readonly<Record<string, { room: string; harmless: readonly string[] }>> = {
  net: { room: 'net', harmless: ['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress'] },
  tls: { room: 'net', harmless: ['checkServerIdentity', 'createSecureContext'] },
  dgram: { room: 'net', harmless: [] },
  dns: { room: 'net', harmless: [] },
  'dns/promises': { room: 'net', harmless: [] },
  sqlite: { room: 'store', harmless: [] },
};

/** Rooms whose folders have doors of their own: `#/codec/smtp/index.ts`. */
const WITH_INNER_DOORS = ['codec', 'store', 'drills', 'inspect', 'testkit', 'web'];

type Edge = { file: string; target: string; use: Import };

/** The room of a file below src, or undefined. */
export function roomOf(file: string): string | undefined {
  return /^src\/([^/]+)\//.exec(file)?.[1];
}

/** Everything that breaks the directions between rooms. */
export function checkRooms(): Finding[] {
  const code = sourcesOf('src').filter((file) => !isTest(file));
  const around = sourcesOf('src', 'test', 'bench', 'tools').filter((file) => isTest(file) || !file.startsWith('src/'));
  const edges = code.flatMap(edgesOf);
  return [
    ...edges.flatMap(brokenDirection),
    ...[...edges, ...around.flatMap(edgesOf)].flatMap(brokenDoor),
    ...code.flatMap(reachedModules),
    ...circlesOfRooms(edges),
    ...circlesOfFiles(edges),
  ];
}

/** Which rooms each room knows, for the picture. */
export function roomGraph(): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  for (const file of sourcesOf('src')) {
    const room = roomOf(file);
    if (room === undefined || isTest(file)) continue;
    const known = graph.getOrInsert(room, new Set<string>());
    for (const edge of edgesOf(file)) {
      const other = roomOf(edge.target);
      if (other !== undefined && other !== room) known.add(other);
    }
  }
  return graph;
}

/** Whether code of `room` may import from `other`. */
export function mayKnow(room: string, other: string): boolean {
  if (room === other) return true;
  if (KEEPERS.includes(room)) return KEEPERS_KNOW.includes(other);
  if (KEEPERS.includes(other)) return KNOW_KEEPERS.includes(room);
  const [own, theirs] = [floorOf(room), floorOf(other)];
  if (own === -1 || theirs === -1) return false;
  return theirs < own || (theirs === own && FLOORS[own]?.knowEachOther === true);
}

function floorOf(room: string): number {
  return FLOORS.findIndex((floor) => floor.rooms.includes(room));
}

function isTest(file: string): boolean {
  return file.endsWith('.test.ts');
}

function edgesOf(file: string): Edge[] {
  return importsOf(file).flatMap((use) => {
    const target = resolveImport(file, use.from);
    return target === undefined ? [] : [{ file, target, use }];
  });
}

function brokenDirection({ file, target, use }: Edge): Finding[] {
  const [room, other] = [roomOf(file), roomOf(target)];
  if (room === undefined) return [];
  if (other === undefined) return [{ file, line: use.line, sentence: `leaves src by '${use.from}'` }];
  if (mayKnow(room, other)) return [];
  const reason = [...KEEPERS, ...FLOORS.flatMap((floor) => floor.rooms)].includes(room)
    ? `the room ${room} may not know ${other}; meet through a port`
    : `the room ${room} has no floor yet: give it one in tools/checks/rooms.ts`;
  return [{ file, line: use.line, sentence: reason }];
}

function brokenDoor({ file, target, use }: Edge): Finding[] {
  const [room, other] = [roomOf(file), roomOf(target)];
  const at = { file, line: use.line };
  // The machinery of whole-program tests (servers, peers) lies outside src; tests beside the code may use it.
  if (isTest(file) && target.startsWith('test/support/')) return [];
  if (use.from.startsWith('.') && room !== other) return [{ ...at, sentence: `write '#/…' for '${use.from}'` }];
  if (!isThere(target)) return [{ ...at, sentence: `'${use.from}' is not there` }];
  if (other === undefined || room === other || isDoor(target, other)) return [];
  return [{ ...at, sentence: `enter ${other} by its door '#/${other}/index.ts', not by '${use.from}'` }];
}

// Roles are programs, one per file: there is nothing that a common door could hold together.
function isDoor(target: string, room: string): boolean {
  if (target === `src/${room}/index.ts` || room === 'roles') return true;
  return WITH_INNER_DOORS.includes(room) && target.endsWith('/index.ts');
}

function reachedModules(file: string): Finding[] {
  const room = roomOf(file) ?? '';
  return importsOf(file).flatMap((use) => {
    const name = use.from.startsWith('node:') ? use.from.slice('node:'.length) : undefined;
    if (name === undefined || use.typesOnly) return [];
    const sentence = reachedTooFar(room, name, use.names);
    return sentence === undefined ? [] : [{ file, line: use.line, sentence }];
  });
}

function reachedTooFar(room: string, name: string, names: readonly string[]): string | undefined {
  const reserved = RESERVED[name];
  const harmless = reserved !== undefined && names.length > 0 && names.every((one) => reserved.harmless.includes(one));
  if (harmless) return undefined;
  if (PURE.includes(room) && !PURE_MODULES.includes(name)) return `${room} is pure: it may not use node:${name}`;
  const free = ['roles', 'cli', 'drills', 'testkit', 'web'].includes(room) && reserved?.room === 'net';
  if (reserved === undefined || reserved.room === room || free) return undefined;
  return `node:${name} belongs to the room ${reserved.room}; use a port`;
}

function circlesOfRooms(edges: readonly Edge[]): Finding[] {
  const graph = new Map<string, Map<string, Edge>>();
  for (const edge of edges) {
    const [room, other] = [roomOf(edge.file), roomOf(edge.target)];
    if (room === undefined || other === undefined || room === other) continue;
    graph.getOrInsert(room, new Map()).set(other, edge);
  }
  return circlesIn(graph, 'rooms');
}

// Types alone make no circle at run time, and a room may order its words as it likes.
function circlesOfFiles(edges: readonly Edge[]): Finding[] {
  const graph = new Map<string, Map<string, Edge>>();
  for (const edge of edges) {
    if (!edge.use.typesOnly) graph.getOrInsert(edge.file, new Map()).set(edge.target, edge);
  }
  return circlesIn(graph, 'files');
}

function circlesIn(graph: ReadonlyMap<string, ReadonlyMap<string, Edge>>, of: string): Finding[] {
  const findings: Finding[] = [];
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): void => {
    for (const [next, { file, use }] of graph.get(node) ?? []) {
      const start = path.indexOf(next);
      const circle = [...path.slice(start), next].join(' -> ');
      if (start !== -1) findings.push({ file, line: use.line, sentence: `closes a circle of ${of}: ${circle}` });
      else if (!done.has(next)) walk(next, [...path, next]);
    }
    done.add(node);
  };
  for (const node of graph.keys()) if (!done.has(node)) walk(node, [node]);
  return findings;
}
