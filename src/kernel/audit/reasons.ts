/** Why an admin looks at or changes an account: words to choose from, so that nothing about a person is written here. */
export const reasons = ['support', 'security', 'legal', 'maintenance'] as const;
export type Reason = (typeof reasons)[number];

/** For `EnumField`. */
export const REASON = {
  description: 'Why it is done; written down where the person can read it.',
  example: 'support',
  values: reasons,
  name: 'Reason',
  meaning:
    '`support`: the person asked; `security`: an account or the service is in danger; `legal`: a law or a court asks; `maintenance`: keeping the service.',
} as const;
