import { Injectable } from '@nestjs/common';
import { Counters } from '../../../kernel/throttle/counters.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { providerTitles } from '../providers/provider.js';
import { AccountLetters } from '../users/account-letters.js';
import type { Refused } from './admission.js';
import { linkAttemptedLetter } from './identities.letters.js';

/** Most letters to one owner per hour, so that repeated attempts cannot flood the mailbox. */
const MOST = 3;
const WINDOW_MS = 3_600_000;

/** Letters about refused sign-ins whose address may belong to another person. */
@Injectable()
export class RefusalLetters {
  constructor(
    private readonly letters: AccountLetters,
    private readonly counters: Counters,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Notifies the owner and not the caller. Runs after the refusal was committed, because counting may call another server. */
  async send({ owner, provider }: Refused): Promise<void> {
    const { hits } = await this.counters.hit(`mail:refusal:${owner.id}`, WINDOW_MS);
    if (hits <= MOST)
      await this.unitOfWork.run(() =>
        this.letters.send(owner, linkAttemptedLetter, {
          link: this.letters.help,
          provider: providerTitles[provider],
        }),
      );
  }
}
