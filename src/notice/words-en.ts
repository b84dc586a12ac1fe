import type { Deed, Words } from './words.ts';

const DONE: Readonly<Record<Deed, string>> = {
  release: 'Released',
  stop: 'Stopped',
  delete: 'Deleted',
  approve: 'Approved',
  expire: 'Not sent, its time ran out',
};

const TELLS: Readonly<Record<Deed, (by: string) => string>> = {
  release: (by) => `Your mail was held. ${by} has released it, and it is on its way to the people below.`,
  stop: (by) =>
    `Your mail was about to go by itself. ${by} has stopped it: it waits until somebody releases or deletes it.`,
  delete: (by) => `Your mail waited. ${by} has deleted it, and the people below do not get it.`,
  approve: (by) => `Your mail waited for approval. ${by} has approved it, and it is on its way to the people below.`,
  expire: () => 'Your mail was held, and nobody released it in time. The people below do not get it.',
};

export const en: Words = {
  locale: 'en-GB',
  from: 'Mail System',
  subject: {
    held: (mail, until) => (until === null ? `Held: ${mail}` : `Held: ${mail} (until ${until})`),
    waits: (mail) => `Waits for approval: ${mail}`,
    asked: (mail) => `Your approval is needed: ${mail}`,
    matched: (rule, mail) => (rule === null ? `A rule matched: ${mail}` : `The rule “${rule}” matched: ${mail}`),
    stillHeld: (mail, until) => `Still held: ${mail} (expires ${until})`,
    stillAsked: (mail, until) => `Still needs your approval: ${mail} (expires ${until})`,
    done: (deed, mail) => `${DONE[deed]}: ${mail}`,
    digest: (mails) => (mails === 1 ? '1 mail waits' : `${mails} mails wait`),
  },
  opening: {
    held: 'Your mail has not been sent to the people below yet.',
    asked: (from) =>
      `${from} has sent this mail. It goes to the people below only if it is approved, and you are asked.`,
    deputy: 'You are asked as a deputy, since nobody has decided so far.',
    matched: (from) => `A rule that asks to tell you has matched a mail of ${from}.`,
    stillHeld: 'Your mail still waits, and has not been sent to the people below.',
    stillAsked: 'This mail still waits, and you are one of those who may approve it.',
    done: (deed, by) => TELLS[deed](by),
    digest: (mails) =>
      `So many mails came to wait in a short time that you are told of them together: ${mails === 1 ? 'one mail' : `${mails} mails`}.`,
  },
  label: {
    from: 'From',
    to: 'To',
    mail: 'Subject',
    why: 'Why',
    next: 'What happens',
    comment: 'Comment',
    id: 'ID',
  },
  fate: {
    sentAt: (when) => `Held until ${when}, then it is sent by itself.`,
    expiresAt: (when) =>
      `Held until somebody releases it. If nobody does by ${when}, it is not sent, and its sender is told.`,
    approval: (people, least, when) =>
      `Waits for approval by ${people}${least > 1 ? ` (${least} of them have to agree)` : ''}. If it is not approved by ${when}, it is not sent, and its sender is told.`,
    passed: 'It was sent on.',
    bounced: (text) => `It was refused: ${text}`,
    discarded: 'It was thrown away.',
  },
  act: {
    own: (verbs) => (verbs === 'delete' ? 'Delete it, if it should not go' : 'Send it now, stop it, or delete it'),
    release: (admins) =>
      admins === '' ? 'An administrator can release it.' : `An administrator can release it: ${admins}.`,
    decide: 'Approve it or reject it',
    list: (kind) => (kind === 'held' ? 'See your held mail' : 'See what waits for your approval'),
    signIn: '(you will be asked to sign in)',
    byOperator: (command) => `Whoever runs this mail system can do it for you, with: ${command}`,
  },
  unnamed: '(no subject)',
  operator: 'The operator of this mail system',
  nothingToDo: 'There is nothing that you have to do.',
  leftOut: (count) =>
    `There ${count === 1 ? 'was 1 more such mail' : `were ${count} more such mails`} in a short time, of which you are not told one by one; the trace shows them.`,
  claims: (from) => `Somebody who says to be ${from}`,
  more: (count) => `and ${count} more`,
  mailOf: (id) => `mail ${id}`,
  footer: (tenant) => `Written by the mail system of ${tenant}. Nobody reads answers to this mail.`,
};
