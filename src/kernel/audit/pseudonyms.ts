/**
 * The pseudonyms of people in the audit log. The identity area implements it, because the accounts are there and the kernel
 * must not import them.
 */
export abstract class Pseudonyms {
  /** The pseudonym of a person; null when they have no account. */
  abstract of(userId: string): Promise<string | null>;

  /** The ids of the accounts with these pseudonyms that still exist, by pseudonym. */
  abstract peopleOf(pseudonyms: readonly string[]): Promise<Map<string, string>>;
}
