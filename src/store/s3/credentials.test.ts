import assert from 'node:assert/strict';
import { test } from 'node:test';
import { s3CredentialsFrom } from './index.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'open sesame' };

test('contract: the keys of the bucket come from the environment, as usual', () => {
  const [accessKeyId, secretAccessKey] = ['AKIAEXAMPLE', 'open sesame'];
  assert.deepEqual(s3CredentialsFrom(KEYS), { accessKeyId, secretAccessKey, sessionToken: null });
  const lent = { ...KEYS, AWS_SESSION_TOKEN: 'lent' };
  assert.deepEqual(s3CredentialsFrom(lent), { accessKeyId, secretAccessKey, sessionToken: 'lent' });
});

test('contract: keys that are missing are named, those that are there are not told', () => {
  const without = (name: string) => () => s3CredentialsFrom({ ...KEYS, [name]: '' });
  assert.throws(without('AWS_ACCESS_KEY_ID'), { code: 'config.invalid', message: /set AWS_ACCESS_KEY_ID in/ });
  assert.throws(without('AWS_SECRET_ACCESS_KEY'), { code: 'config.invalid', message: /set AWS_SECRET_ACCESS_KEY in/ });
  assert.throws(() => s3CredentialsFrom({}), /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in/);
  assert.throws(without('AWS_ACCESS_KEY_ID'), (fault: Error) => !fault.message.includes('sesame'));
});
