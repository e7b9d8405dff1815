import type { Actor } from '../http/actor.js';

/** Rules about the account that some routes require. The identity area implements them. */
export abstract class AccountRules {
  /** @throws Problem `email-unverified` when verification is required and the address is not verified */
  abstract requireVerified(actor: Actor): Promise<void>;

  /** @throws Problem `forbidden`, `second-factor-required`, `session-revoked` */
  abstract requireAdmin(actor: Actor): Promise<void>;
}
