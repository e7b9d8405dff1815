import { localTime } from '../../../kernel/quantities/local-time.js';
import type { Clocks } from './dose-slots.js';
import { clocksBy } from './local-clocks.js';

/** The clocks of IANA time zones. */
export const zoneClocks = (): Clocks =>
  clocksBy((instant, timeZone) => localTime(new Date(instant), timeZone));
