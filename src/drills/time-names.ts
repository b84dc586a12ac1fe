/** What the times of a report are called; one that is not here goes by its name. */
export const TIME_NAMES: Readonly<Record<string, string>> = {
  startMs: 'from nothing to ready',
  takesMailAgainMsMax: 'from a kill to the next mail taken, at most',
  mendMsMax: 'from a kill to the last row put right, at most',
  drainBeginsMs: 'from the end of the trouble to the next delivery',
  drainMs: 'from the end of the trouble to an empty queue',
  listMs: 'to list the mails of the window',
  fillMs: 'to put all messages into the mailboxes',
  expungeMs: 'to expunge the mass',
  purgeMs: 'to purge it',
  loadMs: 'to send all of the mail and to see the rest of it served',
  statusMs: 'from the first symptom to the status of the component',
  pageMs: 'from it to the page for everybody',
  calledMs: 'from it to the call of an operator',
  draftMs: 'from it to the draft of an incident in their hands',
  forecastMs: 'from it to a forecast of when all will be through',
  noticesMs: 'from it to the last mail to a contact',
  affectedMs: 'from it to the first list of who is affected',
  affectedQueryMs: 'to ask who is affected, when all was over',
  draftCampaignMs: 'to write down a redelivery',
  campaignMs: 'from its begin to its end, with the kills',
  ...sessionTimes(),
  ...filterTimes(),
  ...logTimes(),
};

function logTimes(): Record<string, string> {
  const kinds = {
    mail: 'from connecting to the 250',
    mailbox: 'of signing in to a mailbox',
    page: 'of opening a page',
  };
  const phases = {
    well: 'when all was well',
    unread: 'while the reader of the log stood still',
    dead: 'when it was dead',
    stopped: 'while the steward stood still',
    again: 'when it went on',
  };
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([kind, what]) =>
      Object.entries(phases).map(([phase, when]) => [`${kind}_${phase}_p95Ms`, `p95 ${what}, ${when}`]),
    ),
  );
}

function filterTimes(): Record<string, string> {
  const phases = { before: 'before', slow: 'while the filter was slow', after: 'after' };
  return Object.fromEntries(
    Object.entries(phases).flatMap(([phase, when]) =>
      [50, 95].map((percent) => [
        `unaffected_${phase}_p${percent}Ms`,
        `p${percent} from acceptance to delivery of mail that does not ask it, ${when}`,
      ]),
    ),
  );
}

function sessionTimes(): Record<string, string> {
  const names: Record<string, string> = {};
  for (const [who, whose] of [
    ['others', 'others’ sessions'],
    ['own', 'its owner’s sessions'],
  ])
    for (const [phase, when] of [
      ['Before', 'before'],
      ['Expunge', 'during the expunge'],
      ['Purge', 'during the purge'],
    ])
      for (const percent of [50, 95, 99]) names[`${who}${phase}P${percent}Ms`] = `p${percent} of ${whose} ${when}`;
  return names;
}
