import type { DoseSlot } from './dose-slots.js';
import { stateOf, timingOf, windowOf } from './dose-states.js';
import type { MedicationIntake } from './medication-intake.entity.js';
import type { MedicationSchedule } from './medication-schedule.entity.js';
import { slotId } from './slot-id.js';

/** What counts for adherence. A dose that is not due yet, or put off, does not count. */
export type DoseResult = 'inTime' | 'early' | 'late' | 'skipped' | 'missed';

type Slot = DoseSlot<MedicationSchedule>;

/** The expected doses with what became of them; undefined for those that do not count yet. */
export function resultsOf(
  { slots, intakes }: { readonly slots: readonly Slot[]; readonly intakes: readonly MedicationIntake[] },
  now: number,
): { readonly slot: Slot; readonly result: DoseResult | undefined }[] {
  const byId = new Map(intakes.map((intake) => [intake.id, intake]));
  return slots.map((slot) => {
    const [window, intake] = [windowOf(slot.at, slot.plan), byId.get(slotId(slot.scheduleId, slot.slot))];
    return { slot, result: resultOf(stateOf(window, intake, now), timingOf(window, intake)) };
  });
}

function resultOf(state: string, timing: string | null): DoseResult | undefined {
  if (state === 'skipped' || state === 'missed') return state;
  if (timing === 'early' || timing === 'late') return timing;
  return timing === null ? undefined : 'inTime';
}
