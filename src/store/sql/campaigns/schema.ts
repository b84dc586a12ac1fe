/** Tables of redelivery campaigns, for both databases; each step is whole, and none is changed once it was released. */
export const CAMPAIGNS_MIGRATIONS: readonly string[] = [
  // Lines of a scope come before their campaign: its row is what makes it be. campaign.touched is the event of its last change.
  `CREATE TABLE campaign (
     id {text} PRIMARY KEY, title {text} NOT NULL, state {text} NOT NULL, query {text} NOT NULL, unless_chosen {text} NOT NULL,
     per_second {int} NOT NULL, note {text}, drafted_at {int} NOT NULL, by {text} NOT NULL,
     closes_at {int}, freezes_at {int}, starts_at {int}, started_at {int}, released_at {int}, completed_at {int},
     reported_at {int}, touched {text}, turn_by {text}, turn_until {int}
   );
   CREATE TABLE campaign_tenant (
     campaign {text} NOT NULL, tenant {text} NOT NULL, choice {text}, chosen_by {text}, chosen_at {int},
     PRIMARY KEY (campaign, tenant)
   );
   CREATE TABLE campaign_item (
     campaign {text} NOT NULL, message {text} NOT NULL, n {int} NOT NULL, tenant {text} NOT NULL, choice {text},
     outcome {text} NOT NULL, detail {text} NOT NULL, at {int} NOT NULL, PRIMARY KEY (campaign, message, n)
   );
   CREATE INDEX campaign_item_tenant ON campaign_item (campaign, tenant, message, n);
   CREATE INDEX campaign_item_outcome ON campaign_item (campaign, outcome, message, n);
   CREATE TABLE campaign_event (
     id {text} PRIMARY KEY, campaign {text} NOT NULL, at {int} NOT NULL, kind {text} NOT NULL, by {text} NOT NULL,
     detail {text} NOT NULL
   );
   CREATE INDEX campaign_event_campaign ON campaign_event (campaign, id);`,
];
