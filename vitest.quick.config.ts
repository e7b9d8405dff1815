import { defineConfig, mergeConfig } from 'vitest/config';
import { QuickSequencer } from './test/support/quick-sequencer.js';
import everything from './vitest.config.js';

/** `npm run test:quick`: only SQLite, and first the tests that a change affects. */
export default mergeConfig(
  everything,
  defineConfig({
    test: { sequence: { sequencer: QuickSequencer } },
  }),
);
