import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import type { Actor } from '../../../kernel/http/actor.js';
import { Problem } from '../../../kernel/http/problem.js';
import { person } from '../../../records/define/person/person.owner.js';
import { PullService } from '../pull/pull.service.js';
import { pulledOf } from '../pull/pull.presenter.js';
import { ClientVersions } from './client-versions.js';
import { type EventsDto, type EventsResultDto, mutationOf } from './events.dto.js';
import { MutationsService } from './mutations.service.js';
import type { PushDto, PushResultDto } from './push.dto.js';
import { eventsResultOf, resultOf } from './push.presenter.js';

/** What the headers of a push say. */
export interface PushHeaders {
  /** The owner of the outbox. */
  readonly user: string | undefined;
  readonly clientVersion: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** The requests with which a device sends its outbox. */
@Injectable()
export class PushService {
  constructor(
    private readonly mutations: MutationsService,
    private readonly pulls: PullService,
    private readonly versions: ClientVersions,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem `user-mismatch`, `upgrade-required`, and those of {@link MutationsService.apply} */
  async push(actor: Actor, body: PushDto, headers: PushHeaders): Promise<PushResultDto> {
    this.admit(actor, headers);
    const result = resultOf(await this.mutations.apply(actor, body), this.clock.date());
    // The answer to an idempotency key is stored, so it must not contain changes of other devices.
    if (body.cursor === undefined || headers.idempotencyKey !== undefined) return result;
    return { ...result, ...(await this.nextPage(actor, body.cursor)) };
  }

  /** Push for a device that only reports events. @throws Problem `user-mismatch`, `upgrade-required` */
  async report(
    actor: Actor,
    { clientId, clientTime, events }: EventsDto,
    headers: PushHeaders,
  ): Promise<EventsResultDto> {
    this.admit(actor, headers);
    const mutations = events.map(mutationOf);
    const answer = await this.mutations.apply(actor, { clientId, clientTime, mutations, onlyReports: true });
    return eventsResultOf(answer, this.clock.date());
  }

  private admit({ userId }: Actor, { user, clientVersion }: PushHeaders): void {
    if (user !== undefined && user.toLowerCase() !== userId) throw new Problem('user-mismatch');
    this.versions.admit(clientVersion);
  }

  /** A bad cursor must not fail a push that was stored; the next pull reports it. */
  private async nextPage({ userId }: Actor, cursor: string): Promise<Partial<PushResultDto>> {
    try {
      return pulledOf(await this.pulls.next(person(userId), cursor));
    } catch (error) {
      if (error instanceof Problem) return {};
      throw error;
    }
  }
}
