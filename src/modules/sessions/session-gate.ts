import { Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { Clock } from '../../platform/clock.js';
import { UnitOfWork } from '../../platform/database/unit-of-work.js';
import { SessionsRepository } from './sessions.repository.js';
import { setBounded } from '../../platform/bounded-map.js';

/** How long another instance's revocation may go unnoticed; this instance's own takes effect at once. */
const TRUST_MS = 5_000;
const MAX_REMEMBERED = 50_000;

interface Standing {
  readonly userId: string;
  readonly isOpen: boolean;
  readonly checkedAt: number;
  confirmed: number;
  isVerified: boolean;
}

/** Of what sessions one or more have just ended here. */
export type Ended = { readonly sessionId: string } | { readonly userId: string };

/** Whether the session of an access token is still open, asked on every request and looked up every few seconds. */
@Injectable()
export class SessionGate {
  private readonly standings = new Map<string, Standing>();
  /** Moves on with every revocation: a look-up that was under way meanwhile must not be remembered. */
  private generation = 0;
  private readonly watchers = new Set<(ended: Ended) => void>();

  constructor(
    private readonly sessions: SessionsRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** @param counter the refresh token the access token came with: its first use proves that both arrived. */
  async isOpen(sessionId: string, counter: number): Promise<boolean> {
    const standing = await this.standing(sessionId);
    if (standing.isOpen && counter > standing.confirmed) {
      standing.confirmed = counter;
      await this.unitOfWork.run(() => this.sessions.confirm(sessionId, counter));
    }
    return standing.isOpen;
  }

  /** Whether the address of the account is known to be its owner's, where that is asked for; a no is looked up every time. */
  async isVerified(sessionId: string): Promise<boolean> {
    if (!this.config.requiresVerifiedEmail) return true;
    const standing = await this.standing(sessionId);
    standing.isVerified ||= await this.sessions.isVerified(standing.userId);
    return standing.isVerified;
  }

  /** As {@link isOpen}, asking the database: for what outlives a request, five seconds of trust would come on top. */
  isOpenNow(sessionId: string, counter: number): Promise<boolean> {
    this.standings.delete(sessionId);
    return this.isOpen(sessionId, counter);
  }

  /** Those of the sessions that are open, asking the database once for all. */
  openAmong(sessionIds: readonly string[]): Promise<Set<string>> {
    return this.sessions.openAmong(sessionIds, this.clock.date());
  }

  /** Calls `watcher` when this instance has ended sessions. @returns what ends that. */
  watch(watcher: (ended: Ended) => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** Forgets one session, so that the next request looks it up. */
  forget(sessionId: string): void {
    this.generation += 1;
    this.standings.delete(sessionId);
    for (const watcher of this.watchers) watcher({ sessionId });
  }

  forgetUser(userId: string): void {
    this.generation += 1;
    for (const [id, standing] of this.standings) if (standing.userId === userId) this.standings.delete(id);
    for (const watcher of this.watchers) watcher({ userId });
  }

  private async standing(sessionId: string): Promise<Standing> {
    const now = this.clock.now();
    const known = this.standings.get(sessionId);
    if (known && now - known.checkedAt < TRUST_MS && now >= known.checkedAt) return known;
    const generation = this.generation;
    const session = await this.sessions.find(sessionId);
    const standing: Standing = {
      userId: session?.userId ?? '',
      isOpen: session !== null && session.revokedAt === null && session.absoluteExpiresAt.getTime() > now,
      checkedAt: now,
      confirmed: session?.confirmedCounter ?? 0,
      isVerified: false,
    };
    if (generation === this.generation) setBounded(this.standings, sessionId, standing, MAX_REMEMBERED);
    return standing;
  }
}
