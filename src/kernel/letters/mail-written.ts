import { DomainEvent } from '../events/domain-event.js';
import type { Language } from './language.js';
import type { Letter } from './letters.js';

/** A letter that must be sent. It stays in the outbox until the mail server has accepted it. */
export class MailWritten extends DomainEvent {
  static readonly topic = 'mail';

  constructor(
    readonly ownerId: string | null,
    readonly to: string,
    readonly language: Language,
    readonly letter: Letter,
    /** When the event that the letter reports happened, in milliseconds since 1970. */
    readonly at: number,
  ) {
    super();
  }
}
