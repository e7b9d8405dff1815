import type { TestingModuleBuilder } from '@nestjs/testing';
import { GoalsPolicy } from '../../src/modules/training/goals/goals.policy.js';

class NeverKeeps extends GoalsPolicy {
  override readonly pollMs = 3_600_000;
}

/** Keeps no goals in the background, for tests that compare rows. */
export const keepingNothing = (builder: TestingModuleBuilder): TestingModuleBuilder =>
  builder.overrideProvider(GoalsPolicy).useClass(NeverKeeps);
