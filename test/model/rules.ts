/** The rules of the protocol. A test switches each one off, to check that the model detects it. */
export const RULES = {
  /** After a bootstrap, the client deletes the records that the bootstrap did not bring. */
  sweep: true,
  /** The server recognises a repeated mutation: by its id, and without time limit by its number in the client's order. */
  dedupe: true,
  /** The server accepts a push only in the epoch in which it was made. */
  crossEpochPushRefused: true,
  /** The server refuses a cursor that is older than a purged tombstone. */
  cursorExpired: true,
  /** When a page is cut, the cursor points to its last row and not to the head. */
  pageCursor: true,
  /** Only `create` creates a record that does not exist. */
  updateDoesNotRecreate: true,
  /** After a change of epoch, a client sends again what the restored server has lost. */
  epochReset: true,
  /** A pull also returns deletions. */
  tombstonesDelivered: true,
  /** The winner of concurrent edits with the same time does not depend on the order of arrival. */
  tieBreak: true,
  /** A second restore during a reset keeps the older base. */
  nestedBase: true,
  /** An edit made on the current version, and a device's next edit, win whatever the clocks show. */
  causal: true,
  /** A client with data but without a cursor sends the epoch of its data. */
  presentsEpoch: true,
  /** A client takes a new id when the server has seen its numbers from another phone. */
  mintsClientId: true,
  /** A client ignores an answer to a request that it sent with another cursor. */
  ignoresStalePages: true,
  /** A client does not send a base version of another epoch. */
  forgetsBases: true,
  /** A deletion that a restored server lost wins against a record that another phone sends again later. */
  orphans: true,
  /** A person who creates the record again takes that deletion back. */
  takesBack: true,
  /** A client remembers a deletion that the restored server still has, because the next backup may be older. */
  keepsDeletions: true,
  /**
   * A client sends a live record again when the restored server has other values, whatever the times: one time cannot
   * compare several groups. The server's merge decides, and keeps the losing side.
   */
  recreatesDifferent: true,
  /** An acknowledgement contains the time with which the edit counts, because the server corrects wrong clocks. */
  acksTellTime: true,
  /** After an update that restores a deleted record, the client does not know all values of the record. */
  revivesUnseen: true,
  /** After a number that another phone has used, the server also refuses the rest of the batch. */
  reuseEndsBatch: true,
  /** An edit on top of waiting edits has the base version of the first of them: they hide what was pulled since. */
  firstBase: true,
  /** A client that sends again a state that waiting edits hide says so: those edits were not made on it. */
  unseenCopies: true,
  /** A newer edit with the same values does not change the number of a record, but it changes the time of the copy. */
  repeatsCount: true,
};

export type Rules = Readonly<typeof RULES>;
export type Rule = keyof Rules;

export const without = (...rules: Rule[]): Rules => ({
  ...RULES,
  ...Object.fromEntries(rules.map((rule) => [rule, false])),
});
