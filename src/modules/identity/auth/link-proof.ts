import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/http/actor.js';
import { invalidField, Problem } from '../../../kernel/http/problem.js';
import { PersonLock, unlessGone } from '../../../kernel/person-lock.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { type User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';
import type { EmailToken } from './email-token.entity.js';
import { PasswordProof } from './password-proof.js';

/** The person who opens a mailed link, as far as the request shows. */
export interface Opener {
  readonly password: string | undefined;
  /** The person whose session the request has. */
  readonly actor: Actor | undefined;
  /** The network address. */
  readonly address: string;
}

/**
 * Shows that the person who opens a mailed link also asked for it. The mailbox alone must not be enough: otherwise its owner
 * would confirm, with one click, what a stranger asked for.
 */
@Injectable()
export class LinkProof {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly lock: PersonLock,
    private readonly passwords: PasswordProof,
  ) {}

  /**
   * Runs `work` under the person's lock after a proof: the password of the registration or account that the link belongs to,
   * or a session of that account. A session does not prove a registration that came after it.
   * @throws Problem `validation` without any proof, `password-incorrect`, `too-many-attempts`, `session-revoked`, and
   * `link-expired` when the account is gone
   */
  async run(link: EmailToken, opener: Opener, work: (user: User) => Promise<void>): Promise<void> {
    const { userId, passwordHash } = link;
    const user = await this.users.find(userId);
    if (!user) throw new Problem('link-expired');
    const { actor } = opener;
    if (passwordHash === null && actor?.userId === userId)
      return this.hold(userId, async (current) => {
        if (!(await this.sessions.isOpen(actor.sessionId))) throw new Problem('session-revoked');
        await work(current);
      });
    if (opener.password === undefined)
      throw invalidField(
        'password',
        'required',
        'Send the password of the account that asked for this link, or the access token of one of its sessions',
      );
    await this.passwords.ofLink(user, link, opener.password, opener.address);
    const hold = (decide: (current: User) => Promise<void>) =>
      unlessGone('link-expired', () => this.hold(userId, decide));
    return hold(async (current) => {
      // The check takes so long that the password can change during it.
      if (passwordHash === null && current.passwordHash !== user.passwordHash)
        throw new Problem('password-incorrect');
      await work(current);
    });
  }

  private hold(userId: string, work: (user: User) => Promise<void>): Promise<void> {
    return this.lock.hold(userId, async () => {
      const user = await this.users.find(userId);
      if (!user) throw new Problem('link-expired');
      await work(user);
    });
  }
}
