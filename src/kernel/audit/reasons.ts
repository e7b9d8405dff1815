/** Why an admin reads or changes an account. Fixed words instead of free text, so that no personal data gets into the log. */
export const reasons = ['support', 'security', 'legal', 'maintenance'] as const;
export type Reason = (typeof reasons)[number];

/** The options of `EnumField` for a reason. */
export const REASON = {
  description: 'Why you do this. The person can read it in their audit log.',
  example: 'support',
  values: reasons,
  name: 'Reason',
  meaning:
    '`support`: the person asked for it; `security`: an account or the service is in danger; `legal`: a law or a court requires it; `maintenance`: maintenance of the service.',
} as const;
