import { Injectable, type OnModuleInit } from '@nestjs/common';
import { dictionary } from '@zxcvbn-ts/language-common';
import argon2 from 'argon2';
import { invalidField, Problem } from '../../kernel/http/problem.js';
import type { User } from '../users/public.js';

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

/** NIST SP 800-63B, 3.1.1.2: what a password alone should have; of admins it is asked beside their second factor. */
const ADMIN_LENGTH = 15;

/** Whose password it shall be. */
type PasswordOwner = Pick<User, 'email' | 'role'>;

const COMMON = new Set(dictionary['passwords-common']);

/** Hashes and checks passwords, few at a time: a sign-in storm must not take the processor from everybody else. */
@Injectable()
export class Passwords implements OnModuleInit {
  protected readonly cost: Cost = COST;
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  /** What an unknown address is checked against, so that it takes as long as a known one. */
  private decoy = '';

  async onModuleInit(): Promise<void> {
    this.decoy = await argon2.hash('nobody has this password', { type: argon2.argon2id, ...this.cost });
  }

  /** @throws Problem `busy` when too many are waiting. */
  hash(password: string): Promise<string> {
    return this.gated(() => argon2.hash(password.normalize('NFC'), { type: argon2.argon2id, ...this.cost }));
  }

  /**
   * Whether the password belongs to the hash; without one the same work is done and the answer is no.
   * @throws Problem `busy` when too many are waiting; nothing has been evaluated then.
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
      // The place is handed on without being given up, so no newcomer slips in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}

/** Where the address is not known. @throws Problem `validation` that names `field`. */
export function checkNewPassword(password: string, field: string): void {
  if (COMMON.has(password.toLowerCase()))
    throw invalidField(field, 'not-allowed', 'This password is on the list of common ones');
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
