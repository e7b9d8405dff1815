import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Secret, TOTP } from 'otpauth';
import { IsNull, LessThan, Not, Repository } from 'typeorm';
import { Clock } from '../../../platform/clock.js';
import { Logger } from '../../../platform/logger.js';
import type { SealedColumn } from '../../../platform/secrets/resealing.js';
import { BrokenSealError, SecretBox } from '../../../platform/secrets/secret-box.js';
import { TotpSecret } from './totp-secret.entity.js';

/** The form that every authenticator app supports (RFC 6238); some support no other. */
const FORM = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** Time steps that a code may be early or late, because phone clocks differ and people type slowly (RFC 6238, 5.2). */
const WINDOW = 1;
/** 160 bits, the length of the hash (RFC 4226, 4, R6). */
const SEED_BYTES = 20;
const PURPOSE = 'totp seed';
const NO_FAILURES = { strangeFailures: 0, knownFailures: 0, warnedAt: null, easedAt: null };

export const SEALED_SEEDS: SealedColumn = {
  table: 'totp_secrets',
  id: 'user_id',
  column: 'sealed',
  purpose: PURPOSE,
};

export interface Enrolment {
  /** Base32, to type in by hand. */
  readonly secret: string;
  /** For a QR code. */
  readonly otpauthUri: string;
}

/** Codes of authenticator apps. The seed leaves the service only once, at enrolment. */
@Injectable()
export class Totp {
  constructor(
    @InjectRepository(TotpSecret) private readonly secrets: Repository<TotpSecret>,
    private readonly box: SecretBox,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  find(userId: string): Promise<TotpSecret | null> {
    return this.secrets.findOneBy({ userId });
  }

  /** Whether a code is required; an unconfirmed enrolment requires none. */
  isOn(userId: string): Promise<boolean> {
    return this.secrets.existsBy({ userId, confirmedAt: Not(IsNull()) });
  }

  /** Creates a seed and replaces an unconfirmed one. Joins the caller's unit of work. */
  async enrol(userId: string, label: string): Promise<Enrolment> {
    const secret = new Secret({ size: SEED_BYTES });
    const sealed = this.box.seal(PURPOSE, secret.base32, userId);
    const enrolment = { userId, sealed, lastStep: 0, createdAt: this.clock.date(), confirmedAt: null };
    await this.secrets.upsert({ ...enrolment, ...NO_FAILURES }, ['userId']);
    const otpauthUri = new TOTP({ ...FORM, issuer: 'Hale', label, secret }).toString();
    return { secret: secret.base32, otpauthUri };
  }

  /** Confirms the enrolment with a code that proves that the seed arrived. Joins the caller's unit of work. */
  async confirm(enrolment: TotpSecret, code: string): Promise<boolean> {
    const step = this.stepOf(enrolment, code);
    if (step === undefined) return false;
    const { affected } = await this.secrets.update(
      { userId: enrolment.userId, confirmedAt: IsNull() },
      { lastStep: step, confirmedAt: this.clock.date() },
    );
    return affected === 1;
  }

  /**
   * Whether a code is correct and newer than every earlier one. Joins the caller's unit of work. The statement decides, so
   * of two requests with the same code one succeeds (RFC 6238, 5.2: a code is accepted once).
   */
  async accepts(userId: string, code: string): Promise<boolean> {
    const secret = await this.find(userId);
    const step = secret ? this.stepOf(secret, code) : undefined;
    if (step === undefined) return false;
    const { affected } = await this.secrets.update(
      { userId, lastStep: LessThan(step), confirmedAt: Not(IsNull()) },
      { lastStep: step },
    );
    return affected === 1;
  }

  async remove(userId: string): Promise<void> {
    await this.secrets.delete({ userId });
  }

  /** The time step of a code by the service's clock; undefined for a wrong one. */
  private stepOf({ userId, sealed }: TotpSecret, code: string): number | undefined {
    try {
      const secret = Secret.fromBase32(this.box.open(PURPOSE, sealed, userId));
      const timestamp = this.clock.now();
      const delta = TOTP.validate({ ...FORM, secret, token: code, timestamp, window: WINDOW });
      return delta === null ? undefined : TOTP.counter({ period: FORM.period, timestamp }) + delta;
    } catch (error) {
      if (!(error instanceof BrokenSealError)) throw error;
      // JWT_SECRET was changed: no code can be verified any more, but recovery codes still work.
      this.logger.warn({ event: 'totp_unreadable', user_id: userId }, 'security');
      return undefined;
    }
  }
}
