import { DomainEvent } from '../../../kernel/events/domain-event.js';

/**
 * The account owns its address. Published when the owner has proved it, and again before the address is given up: after
 * that another person may own the address, so everything that waits for its owner must be assigned before the commit.
 */
export class AddressOwned extends DomainEvent {
  static readonly topic = 'address.owned';

  constructor(readonly ownerId: string) {
    super();
  }
}
