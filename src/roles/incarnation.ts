/** The name of one run of one process (design 1, Claims). */
import { hostname } from 'node:os';
import type { Incarnation, IncarnationId } from '#/model/index.ts';
import { RELEASE } from './release.ts';

/** Unique for ever: host, role, pid and the wall-clock ms of the start. */
export function newIncarnation(role: string, startedAt: number): Incarnation {
  const host = hostname();
  const id = `${host}/${role}/${process.pid}/${startedAt.toString(36)}` as IncarnationId;
  return { id, host, role, release: RELEASE, pid: process.pid, startedAt };
}
