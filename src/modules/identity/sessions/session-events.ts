import { DomainEvent } from '../../../kernel/events/domain-event.js';

/** A refresh token was used a second time, possibly by somebody who copied it. Its session was ended. */
export class SessionReused extends DomainEvent {
  static readonly topic = 'session.reused';

  constructor(
    readonly ownerId: string,
    readonly sessionId: string,
  ) {
    super();
  }
}
