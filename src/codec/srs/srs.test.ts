import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMailAddress } from '#/codec/smtp/index.ts';
import { type Domain, domainOf, localPartOf, type MailAddress } from '#/model/index.ts';
import { isRewritten, originalSender, rewriteSender } from './index.ts';

const KEY = Buffer.alloc(32, 7);
const OURS = 'acme.test' as Domain;
const DAY = 20_787;
const at = (day: number, key: Uint8Array = KEY) => ({ key, day });

function address(text: string): MailAddress {
  const parsed = parseMailAddress(text);
  assert.ok(parsed !== null, text);
  return parsed;
}

function rewritten(text: string, day = DAY): MailAddress {
  const made = rewriteSender(address(text), OURS, at(day));
  assert.ok(made !== null);
  return made;
}

test('RFC 7208 §D.3: a sender that is rewritten is of our domain, and comes back as it was', () => {
  for (const text of [
    'x@world.test',
    'Some.One+tag=a=b@sub.world.test',
    '"a b"@world.test',
    '"quo\\"te\\\\d"@world.test',
    'a..b.@carrier.test',
    'x@[192.0.2.1]',
    '用户@例え.テスト',
    'SRS1@world.test',
    'srs0@world.test',
  ]) {
    const made = rewritten(text);
    assert.equal(domainOf(made), OURS);
    assert.ok(isRewritten(made), made);
    const back = originalSender(made, at(DAY + 5));
    assert.ok(back !== null, text);
    assert.equal(localPartOf(back), localPartOf(address(text)));
  }
  assert.match(rewritten('x@world.test'), /^SRS0=[A-Z2-7]{8}=[A-Z2-7]{2}=world\.test=x@acme\.test$/);
});

test('RFC 7208 §D.3: what another forwarder rewrote is passed on by its hash, and grows no further', () => {
  const theirs = 'SRS0=abcd=UV=world.test=x@first.test';
  const second = rewritten(theirs);
  assert.match(second, /^SRS1=[A-Z2-7]{8}=first\.test==abcd=UV=world\.test=x@acme\.test$/);
  assert.equal(originalSender(second, at(DAY)), theirs);
  const third = rewritten('SRS1=zzzz=first.test==abcd=UV=world.test=x@second.test');
  assert.equal(third, second);
  // Some write a plus or a hyphen.
  assert.equal(
    originalSender(rewritten('SRS0+abcd=UV=world.test=x@first.test'), at(DAY)),
    'SRS0+abcd=UV=world.test=x@first.test',
  );
});

test('RFC 5321 §2.4: an address that comes back in another case is still ours', () => {
  const made = rewritten('Alice.B@World.test');
  for (const text of [made.toLowerCase(), `${localPartOf(made).toUpperCase()}@acme.test`])
    assert.equal(originalSender(text as MailAddress, at(DAY))?.toLowerCase(), 'alice.b@world.test');
});

test('RFC 6531 §3.2: an address of ours comes back with its domain in either form', () => {
  const made = rewriteSender(address('x@world.test'), 'bücher.test' as Domain, at(DAY));
  assert.ok(made !== null);
  const returned = `${localPartOf(made)}@xn--bcher-kva.test` as MailAddress;
  assert.equal(originalSender(returned, at(DAY)), 'x@world.test');
});

test('design 1: an address lives for 21 days, also where the count begins anew', () => {
  for (const day of [DAY, 1023, 1024, 2047, 20_480]) {
    const made = rewritten('x@world.test', day);
    for (const age of [-1, 0, 1, 20, 21]) assert.ok(originalSender(made, at(day + age)) !== null, `${day} + ${age}`);
    for (const age of [-2, 22, 500, 1000]) assert.equal(originalSender(made, at(day + age)), null, `${day} + ${age}`);
  }
});

test('RFC 5321 §4.5.3.1.3: an address that fits no path is not made', () => {
  assert.equal(rewriteSender(address(`${'x'.repeat(230)}@world.test`), OURS, at(DAY)), null);
});

test('design 6: nobody without the key makes an address that we take, and no part of ours can be changed', () => {
  const made = rewritten('victim@world.test');
  assert.equal(originalSender(made, at(DAY, Buffer.alloc(32, 8))), null);
  assert.equal(originalSender(`${localPartOf(made)}@other.test` as MailAddress, at(DAY)), null);
  const changed = fc.record({
    place: fc.nat(localPartOf(made).length - 1),
    letter: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=.-+'.split('')),
  });
  fc.assert(
    fc.property(changed, ({ place, letter }) => {
      const text = `${made.slice(0, place)}${letter}${made.slice(place + 1)}`;
      const parsed = parseMailAddress(text);
      if (parsed === null || parsed.toLowerCase() === made.toLowerCase()) return;
      const back = originalSender(parsed, at(DAY));
      // The mark between the scheme and the hash may be any of three.
      assert.ok(back === null || place === 4, `${text} → ${back}`);
    }),
  );
});

test('design 6: no text makes the reader throw', () => {
  const local = fc.string({ unit: fc.constantFrom(...'SRSsrs01=+-ABC234.@"\\ x'.split('')), maxLength: 60 });
  fc.assert(
    fc.property(local, (text) => {
      const parsed = parseMailAddress(`${text}@acme.test`) ?? parseMailAddress(`"${text}"@acme.test`);
      if (parsed === null) return;
      assert.equal(originalSender(parsed, at(DAY)), null);
      const made = rewriteSender(parsed, OURS, at(DAY));
      if (made !== null) assert.ok(originalSender(made, at(DAY)) !== null, made);
    }),
  );
});
