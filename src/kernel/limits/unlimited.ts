import { SetMetadata } from '@nestjs/common';

export const UNLIMITED = 'hale:unlimited';

/** Exempts a route from the rate limit; the reason is for the reader. */
export const Unlimited = (reason: string) => SetMetadata(UNLIMITED, reason);
