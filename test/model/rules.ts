/** Each rule of the protocol that can be taken away, to see whether anybody would notice. */
export const RULES = {
  /** After every bootstrap, what it did not bring goes. */
  sweep: true,
  /** A mutation that was taken is known again: by its id, and for ever by its place in the client's order. */
  dedupe: true,
  /** A push counts in the epoch it was made in only. */
  crossEpochPushRefused: true,
  /** A cursor older than a purged tombstone is refused. */
  cursorExpired: true,
  /** After a cut page the cursor stands at its last row, not at the head. */
  pageCursor: true,
  /** Only `create` makes a record that is not there. */
  updateDoesNotRecreate: true,
  /** After a change of epoch a client says again what the restored server has lost. */
  epochReset: true,
  /** A pull brings deletions too. */
  tombstonesDelivered: true,
  /** Concurrent edits of one instant have a winner that does not depend on the order of arrival. */
  tieBreak: true,
  /** A restore during a reset keeps the older base. */
  nestedBase: true,
  /** An edit made on the current version, and a device's next edit, win whatever the clocks say. */
  causal: true,
  /** A client with data and no cursor says in which epoch the data is. */
  presentsEpoch: true,
  /** A client whose numbers the server has seen from another takes a new id. */
  mintsClientId: true,
  /** Only an answer to the place where the client stands counts. */
  ignoresStalePages: true,
  /** A base version of another epoch is not sent. */
  forgetsBases: true,
  /** A deletion that a restored server lost holds against a record that comes back later. */
  orphans: true,
  /** A deletion that a restored server still has is remembered: the next backup may be from before it. */
  keepsDeletions: true,
  /**
   * A live record that a restored server holds differently is said again, whatever the times: one time is not enough
   * to compare several groups. The server's merge decides, and keeps what loses.
   */
  recreatesDifferent: true,
  /** An acknowledgement says with which time the edit counts: a clock ahead is held back, one behind is made up for. */
  acksTellTime: true,
  /** An update that brings a deleted record back does not know all that the record holds. */
  revivesUnseen: true,
  /** After a number that was used by another phone, the rest of the batch is refused as well. */
  reuseEndsBatch: true,
  /** A newer edit that says the same moves no place in the order, but the time of the copy. */
  repeatsCount: true,
};

export type Rules = Readonly<typeof RULES>;
export type Rule = keyof Rules;

export const without = (...rules: Rule[]): Rules => ({
  ...RULES,
  ...Object.fromEntries(rules.map((rule) => [rule, false])),
});
