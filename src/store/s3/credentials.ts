/** The keys of the bucket, under the names that every S3 tool reads. */
import { Fault } from '#/model/index.ts';

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Only with keys that were lent for a time. */
  readonly sessionToken: string | null;
}

/** The keys in an environment; fault `config.invalid` names what is missing. */
export function s3CredentialsFrom(env: Readonly<Record<string, string | undefined>>): S3Credentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  const missing = Object.entries({ AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }).filter(([, value]) => !value);
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    const names = missing.map(([name]) => name).join(' and ');
    throw new Fault('config.invalid', `blobs: s3://… needs its keys: set ${names} in the environment of the server.`);
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN || null,
  };
}
