import { inKilograms, shown } from './measurement.js';
import type { Narrator } from './narrator.js';
import type { SyncReport, Watcher } from './phone.js';
import type { LocalStore } from './store.js';
import type { PushedEntry } from './wire.js';
import { clock, day, tallied } from './wording.js';

const MINUTE_MS = 60_000;
const STORY_MINUTES = 120;

/** What people do on their phones, told as it happens, and what was expected but did not come. */
export class Scene {
  readonly problems: string[] = [];
  /** Edits happen at times of the story. It ends before now: an edit of the future would not be believed. */
  private time = Date.now() - STORY_MINUTES * MINUTE_MS;

  constructor(private readonly narrator: Narrator) {}

  step(text: string): void {
    this.narrator.step(text);
    this.time += 10 * MINUTE_MS;
  }

  note(text: string): void {
    this.narrator.note(text);
  }

  expect(fulfilled: boolean, otherwise: string): void {
    if (fulfilled) return;
    this.problems.push(otherwise);
    this.note(`UNEXPECTED: ${otherwise}`);
  }

  /** Every use is a minute later, so that no two edits of the story share an instant. */
  now(): Date {
    this.time += MINUTE_MS;
    return new Date(this.time);
  }

  /** Away from the limits of what a body can weigh: light entries are corrected upwards, heavy ones downwards. */
  edit(store: LocalStore, entry: PushedEntry, by: number): PushedEntry {
    const sign = inKilograms(entry) > 100 ? -1 : 1;
    const weight_value = Number((entry.weight_value + sign * by).toFixed(1));
    const edited = store.edit(entry.local_id, { weight_value }, this.now());
    this.note(`${stamped(edited)}: ${shown(entry)} → ${shown(edited)}`);
    return edited;
  }

  delete(store: LocalStore, entry: PushedEntry): void {
    const at = this.now();
    store.delete(entry.local_id, at);
    this.note(`${clock(at.toISOString())}  entry of ${day(entry.timestamp)}: ${shown(entry)} deleted`);
  }

  /** Another weighing half a day after `entry`, on a phone that is set to pounds. */
  addInPounds(store: LocalStore, entry: PushedEntry, kilograms: number): void {
    const at = this.now();
    const measuredAt = Math.min(Date.parse(entry.timestamp) + 12 * 60 * MINUTE_MS, at.getTime());
    const timestamp = new Date(measuredAt).toISOString();
    const weight_value = Number((kilograms / 0.45359237).toFixed(1));
    const added = store.add({ timestamp, weight_value, unit: 'lb' }, at);
    this.note(`${stamped(added)}: ${shown(added)} added (this phone is set to pounds)`);
  }

  tell({ pushed, conflicts, pulled, deletedElsewhere }: SyncReport): void {
    const sent = [tallied(pushed), conflicts.length > 0 && `${conflicts.length} in conflict`].filter(Boolean);
    if (sent.length > 0) this.note(`sent: ${sent.join(', ')}`);
    const received = [`${pulled} new or changed`, deletedElsewhere > 0 && `${deletedElsewhere} deleted`];
    if (pulled + deletedElsewhere > 0) this.note(`received: ${received.filter(Boolean).join(', ')}`);
  }

  /** Tells of tries that failed. */
  watcher(alsoFailed: Watcher['failed'] = () => undefined): Watcher {
    return {
      failed: (failure) => {
        this.note(`try ${failure.number}: ${failure.reason}; next in ${failure.nextInMs} ms`);
        alsoFailed(failure);
      },
    };
  }
}

const stamped = (entry: PushedEntry): string =>
  `${clock(entry.modified_at)}  entry of ${day(entry.timestamp)}`;
