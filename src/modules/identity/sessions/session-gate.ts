import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { type Ended, OpenSessions } from '../../../kernel/access/open-sessions.js';
import { Clock } from '../../../platform/clock.js';
import { UnitOfWork } from '../../../platform/database/unit-of-work.js';
import { UsersService } from '../users/users.service.js';
import { SessionsRepository } from './sessions.repository.js';
import { setBounded } from '../../../platform/bounded-map.js';

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

/** Whether the session of an access token is still open: checked on every request, read from the database every few seconds. */
@Injectable()
export class SessionGate extends OpenSessions {
  private readonly standings = new Map<string, Standing>();
  /** Incremented by every revocation, so that a query that started before it does not store its result. */
  private generation = 0;
  private readonly watchers = new Set<(ended: Ended) => void>();

  constructor(
    private readonly sessions: SessionsRepository,
    private readonly users: UsersService,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {
    super();
  }

  /**
   * Returns no promise where nothing has to be waited for, as with most requests.
   * @param counter counter of the refresh token issued with the access token: its first use proves that both arrived.
   */
  isOpen(sessionId: string, counter: number): boolean | Promise<boolean> {
    const standing = this.known(sessionId);
    const isSettled = standing && !(standing.isOpen && counter > standing.confirmed);
    return isSettled ? standing.isOpen : this.confirm(sessionId, counter);
  }

  private async confirm(sessionId: string, counter: number): Promise<boolean> {
    const standing = await this.standing(sessionId);
    if (standing.isOpen && counter > standing.confirmed) {
      standing.confirmed = counter;
      await this.unitOfWork.run(() => this.sessions.confirm(sessionId, counter));
    }
    return standing.isOpen;
  }

  /** Whether it is known, without a look into the database, that {@link isVerified}. */
  knowsVerified(sessionId: string): boolean {
    return !this.config.requiresVerifiedEmail || this.known(sessionId)?.isVerified === true;
  }

  /** Whether the address of the account is verified, where that is required. False is never remembered. */
  async isVerified(sessionId: string): Promise<boolean> {
    if (!this.config.requiresVerifiedEmail) return true;
    const standing = await this.standing(sessionId);
    standing.isVerified ||= await this.users.isVerified(standing.userId);
    return standing.isVerified;
  }

  /** As {@link isOpen}, but always from the database, for sockets: five seconds of trust would add to their own interval. */
  isOpenNow(sessionId: string, counter: number): Promise<boolean> {
    this.standings.delete(sessionId);
    return this.confirm(sessionId, counter);
  }

  override openAmong(sessionIds: readonly string[]): Promise<Set<string>> {
    return this.sessions.openAmong(sessionIds, this.clock.date());
  }

  override watch(watcher: (ended: Ended) => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** Forgets one session, so that the next request reads it from the database. */
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

  /** What was read in the last few seconds. */
  private known(sessionId: string): Standing | undefined {
    const now = this.clock.now();
    const known = this.standings.get(sessionId);
    return known && now - known.checkedAt < TRUST_MS && now >= known.checkedAt ? known : undefined;
  }

  private async standing(sessionId: string): Promise<Standing> {
    const known = this.known(sessionId);
    if (known) return known;
    const now = this.clock.now();
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
