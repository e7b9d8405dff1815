import type { Actor } from '../http/actor.js';

/** Rules about the account that some routes require. The identity area implements them. */
export abstract class AccountRules {
  /**
   * Undefined where nothing has to be waited for, as with most requests.
   * @throws Problem `email-unverified` when verification is required and the address is not verified, as a rejection
   */
  abstract requireVerified(actor: Actor): Promise<void> | undefined;

  /** @throws Problem `forbidden`, `second-factor-required`, `session-revoked` */
  abstract requireAdmin(actor: Actor): Promise<void>;
}
