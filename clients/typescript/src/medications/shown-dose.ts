// Copied by `npm run generate` from src/modules/health/medications/shown-dose.ts: change it there.
import type { DoseIntake, DoseOutcome, TimedPlan } from './dose-results.js';
import { inOrder } from './dose-slots.js';
import { slotId } from './slot-id.js';

/* A dose as the service and its clients show it. */

/** A dose that was ticked is in the place of its tick. */
export const inDueOrder = (a: DoseOutcome, b: DoseOutcome): number => a.at - b.at || inOrder(a.slot, b.slot);

/** A dose with what became of it, and with the name and the unit of its medication. */
export function shownDose<Plan extends TimedPlan, Intake extends DoseIntake & { readonly timeZone: string }>(
  { slot, intake, at, window, state, timing }: DoseOutcome<Plan, Intake>,
  medication: { readonly name: string; readonly doseUnit: string } | undefined,
) {
  const { scheduleId, plan } = slot;
  const isMoved = intake !== undefined && plan.zoneMode === 'floating';
  return {
    id: slotId(scheduleId, slot.slot),
    scheduleId,
    versionId: plan.id,
    medicationId: plan.medicationId,
    medicationName: medication?.name ?? '',
    slot: slot.slot,
    localDate: slot.localDate,
    scheduledFor: new Date(at),
    timeZone: isMoved ? intake.timeZone : slot.timeZone,
    amount: slot.amount,
    doseUnit: medication?.doseUnit ?? '',
    opensAt: new Date(window.opensAt),
    closesAt: new Date(window.closesAt),
    state,
    timing,
    intake: intake ?? null,
  };
}
