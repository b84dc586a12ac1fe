/**
 * Acts of people on what policy holds or wants approved (design 5, `held`), and on nothing else; whether this person may is asked before.
 * Each looks at the row as it stands in its own transaction: where a timer, an attempt or another person was first, it changes nothing
 * and is not counted as a hit. A rejection is a claim and a settlement, since a DSN comes of it. `comment` is for the journal.
 */
export type HeldAct =
  /**
   * What is held goes on where it stopped. `asItIs`: without the changes of its content that its rule asks for, also where it waits because they
   * could not be made when it was to leave.
   */
  | { readonly kind: 'letGo'; readonly comment: string; readonly asItIs?: true }
  /** What would go on by itself waits as `stopped by sender` from now on, and ends by `retention.held`. */
  | { readonly kind: 'stop'; readonly comment: string }
  /** What is held or waits for approval ends `discarded`. */
  | { readonly kind: 'delete'; readonly reason: string }
  /** One vote of `person` (their own address), counted once; with the last one that is asked for it goes on. `forAll` stands for all of them. */
  | { readonly kind: 'approve'; readonly person: string; readonly forAll: boolean; readonly comment: string };
