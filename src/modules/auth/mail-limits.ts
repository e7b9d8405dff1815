import { Injectable } from '@nestjs/common';
import { addressKey, Counters, type Limit, TooManyAttempts } from '../../kernel/limits/counters.js';

const HOUR = 3_600_000;

/** What mail is about. Each has its own budget: asking for one keeps nobody from another, such as a lost password. */
export type MailKind = 'reset' | 'verify' | 'sign-up' | 'change' | 'grant';

/** How many mails may be asked for. A test that asks more often provides its own. */
@Injectable()
export class MailPolicy {
  /** Of one kind to one mailbox, whether it has an account or not. */
  readonly mailbox: Limit = { most: 3, windowMs: HOUR };
  /** From one network address, of all kinds. */
  readonly address: Limit = { most: 20, windowMs: HOUR };
}

/** Nobody's mailbox is filled by asking again and again. */
@Injectable()
export class MailLimits {
  constructor(
    private readonly counters: Counters,
    private readonly policy: MailPolicy,
  ) {}

  /** For who asks for a mail and nothing else. @throws Problem `too-many-attempts`, the same for an address that nobody has. */
  async reserve(kind: MailKind, email: string, address: string): Promise<void> {
    await this.counters.take(`mail:address:${address}`, this.policy.address);
    await this.counters.take(`mail:${kind}:${addressKey(email)}`, this.policy.mailbox);
  }

  /** Whether there is one more, for what goes on without: a limit on mail must keep nobody from signing up. */
  async allows(kind: MailKind, email: string, address: string): Promise<boolean> {
    try {
      await this.reserve(kind, email, address);
      return true;
    } catch (error) {
      if (error instanceof TooManyAttempts) return false;
      throw error;
    }
  }
}
