/** Which installation a command means (contract, "Command line"). */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface FindOptions {
  /** `--config F`. */
  readonly config?: string | undefined;
  /** `--data DIR`. */
  readonly data?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that the command was given in. */
  readonly cwd: string;
}

/** What was found, and by what. */
export interface Found {
  /** Absolute; null where defaults serve. */
  readonly file: string | null;
  /** Absolute, from `--data`; null where the settings say. */
  readonly data: string | null;
  readonly by: '--config' | '--data' | 'HOLDFAST_CONFIG' | './holdfast.yaml' | './data';
  /** A holdfast.yaml that lies here and is not read, because something before it in the order was given. */
  readonly passedOver: string | null;
}

const FILE = 'holdfast.yaml';

/** `--config`, `--data`, `HOLDFAST_CONFIG`, `./holdfast.yaml`, `./data`, in this order. A data folder may hold its own holdfast.yaml. */
export function findInstallation({ config, data, env, cwd }: FindOptions): Found {
  const folder = data === undefined ? null : resolve(cwd, data);
  const here = resolve(cwd, FILE);
  const isHere = existsSync(here);
  if (config !== undefined) return { file: resolve(cwd, config), data: folder, by: '--config', passedOver: null };
  if (folder !== null) {
    const own = join(folder, FILE);
    const file = existsSync(own) ? own : null;
    return { file, data: folder, by: '--data', passedOver: isHere && own !== here ? here : null };
  }
  const named = env.HOLDFAST_CONFIG;
  if (named !== undefined && named !== '') {
    return { file: resolve(cwd, named), data: null, by: 'HOLDFAST_CONFIG', passedOver: null };
  }
  return { file: isHere ? here : null, data: null, by: isHere ? './holdfast.yaml' : './data', passedOver: null };
}
