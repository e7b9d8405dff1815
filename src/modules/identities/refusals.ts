import { Injectable } from '@nestjs/common';
import { Counters } from '../../kernel/limits/counters.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { providerTitles } from '../providers/public.js';
import { AccountLetters } from '../users/public.js';
import type { Refused } from './admission.js';

/** Letters to one owner: who tries again and again fills nobody's mailbox. */
const MOST = 3;
const WINDOW_MS = 3_600_000;

/** Sign-ins with an address that is somebody else's, for all one can know. */
@Injectable()
export class Refusals {
  constructor(
    private readonly letters: AccountLetters,
    private readonly counters: Counters,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** The owner hears of it, and the caller does not. After the refusal was committed: counting may ask another server. */
  async tell({ owner, provider }: Refused): Promise<void> {
    const { hits } = await this.counters.hit(`mail:refusal:${owner.id}`, WINDOW_MS);
    if (hits <= MOST)
      await this.unitOfWork.run(() => this.letters.linkAttempted(owner, providerTitles[provider]));
  }
}
