import { Injectable } from '@nestjs/common';
import { Delivery } from '../../../kernel/events/delivery.js';
import { subscribe } from '../../../kernel/events/on-event.js';
import { DAY_MS } from '../../../kernel/quantities/local-time.js';
import { Counters } from '../../../kernel/throttle/counters.js';
import { AccountLetters, UsersService } from '../../identity/public.js';
import { GoalMet } from './goal-met.js';
import { goalReachedLetter } from './goals.letters.js';

/** Who edits goals again and again does not fill a mailbox. */
const MOST_A_DAY = 3;

/** Congratulates on goals that are met once in their life; a letter for each day would be one too many. */
@Injectable()
export class GoalLetters {
  constructor(
    private readonly users: UsersService,
    private readonly letters: AccountLetters,
    private readonly counters: Counters,
  ) {}

  @subscribe<GoalMet>({
    name: 'goal-reached-letter',
    topic: GoalMet.topic,
    type: GoalMet,
    isOrdered: false,
    isInTransaction: false,
    select: (event) => (event.period === 'total' ? event : undefined),
  })
  async congratulate({ ownerId }: GoalMet, delivery: Delivery): Promise<void> {
    const user = await this.users.get(ownerId);
    // The address may be somebody else's until it is verified.
    if (!user.emailVerifiedAt) return;
    const { hits } = await this.counters.hit(`goal-reached:${ownerId}`, DAY_MS);
    if (hits > MOST_A_DAY) return;
    await delivery.once(async () => {
      if (await this.letters.hasRoomFor(user)) await this.letters.send(user, goalReachedLetter, {});
    });
  }
}
