import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { deletionDevice, deletionOf } from './deletion-devices.js';
import { SourceDeletion } from './source-deletion.entity.js';

/** Deletions of sources as others meet them: what lies under a deletion comes back when the deletion is taken back. */
@Injectable()
export class SourceTombstones {
  constructor(@InjectRepository(SourceDeletion) private readonly jobs: Repository<SourceDeletion>) {}

  /** Whether a source of the person is being deleted, or its deletion taken back. */
  async isMoving(userId: string): Promise<boolean> {
    return (await this.jobs.countBy({ userId, status: In(['deleting', 'undoing']) })) > 0;
  }

  /** Those of these devices whose deletion was taken back. */
  async takenBack(userId: string, devices: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    if (devices.size === 0) return devices;
    // A person has few deletions.
    const jobs = await this.jobs.find({ select: { id: true }, where: { userId, status: 'undone' } });
    return new Set(jobs.map(({ id }) => deletionDevice(id)).filter((device) => devices.has(device)));
  }

  /** Notes that a transaction has put records under deletions, so that they are found there. Joins the caller's unit of work. */
  async extend(userId: string, devices: ReadonlySet<string>, lastStamp: Date): Promise<void> {
    const ids = [...devices].flatMap((device) => deletionOf(device) ?? []);
    if (ids.length > 0) await this.jobs.update({ userId, id: In(ids) }, { lastStamp });
  }
}
