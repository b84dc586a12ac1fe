/** What sources give, row by row, in any order. Nothing of it is trusted. */

export interface PersonRow {
  /** How other rows name them, such as a distinguished name; their address where the source has no other key. */
  readonly id: string;
  readonly address: string;
  readonly aliases?: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  /** Id or address. */
  readonly manager?: string | null;
  readonly photo?: Uint8Array | null;
  /** Ids of groups; a source may say it here, or with the group. */
  readonly groups?: readonly string[];
  /** Where it stands in the source, for what is said of it: `line 7`. */
  readonly where?: string;
}

export interface GroupRow {
  readonly id: string;
  readonly name: string;
  readonly address?: string | null;
  /** Ids or addresses of people and of groups. */
  readonly members: readonly string[];
}

export type Row = { readonly person: PersonRow } | { readonly group: GroupRow } | { readonly refused: string };
