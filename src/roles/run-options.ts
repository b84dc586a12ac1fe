/** Which installation a run is about: said once on the command line, handed on to the children. */
import { formatComplaints, type Loaded, loadSettings, type Settings } from '#/config/index.ts';
import { Fault } from '#/model/index.ts';

export interface RunOptions {
  readonly config?: string;
  readonly data?: string;
  /** `gate+deliver,janitor`. */
  readonly roles?: string;
}

const VARIABLE = 'HOLDFAST_RUN';

/** Reads the settings; fault `config.invalid` with all mistakes. */
export function readSettings(options: RunOptions, env: NodeJS.ProcessEnv = process.env): Loaded {
  const { config, data, roles } = options;
  const loading = loadSettings({
    ...(config === undefined ? {} : { config }),
    ...(data === undefined ? {} : { data }),
    env: roles === undefined ? env : { ...env, HOLDFAST_ROLES: roles },
    cwd: process.cwd(),
  });
  if ('mistakes' in loading) throw new Fault('config.invalid', `\n${formatComplaints(loading.mistakes)}`);
  return loading;
}

/** For a child's environment. */
export function describeRun(options: RunOptions): Readonly<Record<string, string>> {
  return { [VARIABLE]: JSON.stringify(options) };
}

/** In the child. */
export function readChildSettings(env: NodeJS.ProcessEnv): Settings {
  return readSettings(JSON.parse(env[VARIABLE] ?? '{}') as RunOptions, env).settings;
}
