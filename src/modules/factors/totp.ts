import { Injectable } from '@nestjs/common';
import { Secret, TOTP } from 'otpauth';
import { Clock } from '../../platform/clock.js';
import { Database, instantText } from '../../platform/database/database.js';
import { Table } from '../../platform/database/table.js';
import { Logger } from '../../platform/logger.js';
import type { SealedColumn } from '../../platform/secrets/resealing.js';
import { BrokenSealError, SecretBox } from '../../platform/secrets/secret-box.js';
import { TotpSecret } from './totp-secret.entity.js';

/** What every authenticator app can do (RFC 6238), and some can do nothing else. */
const FORM = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** Steps that a code may be early or late: clocks of phones differ, and people type slowly (RFC 6238, 5.2). */
const WINDOW = 1;
/** 160 bits, the length of the hash (RFC 4226, 4, R6). */
const SEED_BYTES = 20;
const PURPOSE = 'totp seed';

export const SEALED_SEEDS: SealedColumn = {
  table: 'totp_secrets',
  id: 'user_id',
  column: 'sealed',
  purpose: PURPOSE,
};

export interface Enrolment {
  /** Base32, for who types it in. */
  readonly secret: string;
  /** For a QR code. */
  readonly uri: string;
}

/** Codes of authenticator apps. The seed leaves the service once, at the enrolment. */
@Injectable()
export class Totp {
  private readonly table: Table<TotpSecret>;

  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.table = new Table(database.writer, TotpSecret);
  }

  async find(userId: string): Promise<TotpSecret | undefined> {
    const [secret] = await this.table.select(this.database, 'user_id = ?', [userId]);
    return secret;
  }

  /** Whether a code is asked for; an enrolment that was not confirmed asks for nothing. */
  async isOn(userId: string): Promise<boolean> {
    return ((await this.find(userId))?.confirmedAt ?? null) !== null;
  }

  /** A new seed, in the place of one that was not confirmed. Joins the caller's unit of work. */
  async enrol(userId: string, label: string): Promise<Enrolment> {
    const secret = new Secret({ size: SEED_BYTES });
    const sealed = this.box.seal(PURPOSE, secret.base32, userId);
    await this.table.put(this.database, [
      { userId, sealed, lastStep: 0, createdAt: this.clock.date(), confirmedAt: null },
    ]);
    return { secret: secret.base32, uri: new TOTP({ ...FORM, issuer: 'Hale', label, secret }).toString() };
  }

  /** Puts the enrolment into force, with a code that shows it arrived. Joins the caller's unit of work. */
  async confirm(enrolment: TotpSecret, code: string): Promise<boolean> {
    const step = this.stepOf(enrolment, code);
    if (step === undefined) return false;
    const confirmed = await this.database.execute(
      'UPDATE totp_secrets SET last_step = ?, confirmed_at = ? WHERE user_id = ? AND confirmed_at IS NULL',
      [step, instantText(this.clock.date()), enrolment.userId],
    );
    return confirmed > 0;
  }

  /**
   * Whether a code is right, and newer than every one before. Joins the caller's unit of work: the statement decides, so
   * of two that come with the same code one gets in (RFC 6238, 5.2: a code is accepted once).
   */
  async accepts(userId: string, code: string): Promise<boolean> {
    const secret = await this.find(userId);
    const step = secret && this.stepOf(secret, code);
    if (step === undefined) return false;
    const taken = await this.database.execute(
      'UPDATE totp_secrets SET last_step = ? WHERE user_id = ? AND last_step < ? AND confirmed_at IS NOT NULL',
      [step, userId, step],
    );
    return taken > 0;
  }

  async remove(userId: string): Promise<void> {
    await this.database.execute('DELETE FROM totp_secrets WHERE user_id = ?', [userId]);
  }

  /** The time step a code belongs to, by the clock of the service; undefined for a wrong one. */
  private stepOf({ userId, sealed }: TotpSecret, code: string): number | undefined {
    try {
      const secret = Secret.fromBase32(this.box.open(PURPOSE, sealed, userId));
      const timestamp = this.clock.now();
      const delta = TOTP.validate({ ...FORM, secret, token: code, timestamp, window: WINDOW });
      return delta === null ? undefined : TOTP.counter({ period: FORM.period, timestamp }) + delta;
    } catch (error) {
      if (!(error instanceof BrokenSealError)) throw error;
      // JWT_SECRET was changed: no code can be right any more, and recovery codes still are.
      this.logger.warn({ event: 'totp_unreadable', user_id: userId }, 'security');
      return undefined;
    }
  }
}
