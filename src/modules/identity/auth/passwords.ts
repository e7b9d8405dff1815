import { Injectable, type OnModuleInit } from '@nestjs/common';
import { dictionary } from '@zxcvbn-ts/language-common';
import argon2 from 'argon2';
import { invalidField, Problem } from '../../../kernel/http/problem.js';
import type { User } from '../users/user.entity.js';

interface Cost {
  /** In KiB. */
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** OWASP's first choice for Argon2id. */
const COST: Cost = { memoryCost: 19 * 1_024, timeCost: 2, parallelism: 1 };
const AT_ONCE = 2;
const MAX_WAITING = 50;

/** NIST SP 800-63B, 3.1.1.2: minimum for a password as the only factor; required of admins besides their second factor. */
const ADMIN_LENGTH = 15;

/** The account that the password is for. */
type PasswordOwner = Pick<User, 'email' | 'role'>;

const COMMON = new Set(dictionary['passwords-common']);

/** Hashes and checks only a few passwords at a time, so that a burst of sign-ins leaves processor time for other requests. */
@Injectable()
export class Passwords implements OnModuleInit {
  protected readonly cost: Cost = COST;
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  /** Hash to compare with for an unknown address, so that the check takes as long as for a known one. */
  private decoy = '';

  async onModuleInit(): Promise<void> {
    this.decoy = await argon2.hash('nobody has this password', { type: argon2.argon2id, ...this.cost });
  }

  /** @throws Problem `busy` when too many are waiting. */
  hash(password: string): Promise<string> {
    return this.gated(() => argon2.hash(password.normalize('NFC'), { type: argon2.argon2id, ...this.cost }));
  }

  /**
   * Hashes a password whose account is not known yet.
   * @throws Problem `validation` that names `field`, `busy` when too many are waiting.
   */
  async hashNew(password: string, field: string): Promise<string> {
    checkNewPassword(password, field);
    return this.hash(password);
  }

  /**
   * Whether the password matches the hash. Without a hash it does the same work and returns false.
   * @throws Problem `busy` when too many are waiting; nothing has been checked then.
   */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    const right = await this.gated(() => argon2.verify(hash || this.decoy, password.normalize('NFC')));
    return right && Boolean(hash);
  }

  private async gated<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE) {
      if (this.waiting.length >= MAX_WAITING) throw new Problem('busy', { retryAfter: 2 });
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      // Hand the place directly to the next in line, so that no newer call takes it first.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}

function checkNewPassword(password: string, field: string): void {
  if (COMMON.has(password.toLowerCase()))
    throw invalidField(field, 'not-allowed', 'This password is on the list of common passwords');
}

/**
 * Length and a list of common passwords; no composition rules (NIST SP 800-63B).
 * @throws Problem `validation` that names `field`.
 */
export function checkPassword(password: string, { email, role }: PasswordOwner, field: string): void {
  const lower = password.toLowerCase();
  if (role === 'admin' && [...password].length < ADMIN_LENGTH)
    throw invalidField(field, 'out-of-range', `An admin's password has at least ${ADMIN_LENGTH} characters`);
  checkNewPassword(password, field);
  if (lower === email || lower === email.split('@', 1)[0])
    throw invalidField(field, 'not-allowed', 'The password must not be the e-mail address');
}
