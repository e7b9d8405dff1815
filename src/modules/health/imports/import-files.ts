import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { refused } from './formats/file-kind.js';
import { isZip, openEntry, readEntry } from './formats/zip-entry.js';
import type { ImportJob } from './import-job.entity.js';
import { ImportsPolicy } from './imports.policy.js';
import { MinimumPace } from './metered.js';

export interface UploadedFile {
  readonly name: string | null;
  readonly size: number;
  /** The field `mapping`, which comes before the file. */
  readonly mapping: unknown;
}

/**
 * The file of an import. Two people may choose the same id for their imports, so the id alone does not name a file.
 */
export const fileOf = ({ userId, id }: Pick<ImportJob, 'userId' | 'id'>): string => `${userId}.${id}`;

/**
 * The uploaded files, in a directory that only the service can enter. A file has the name that {@link fileOf} gives to its
 * import and exists only until the import has ended.
 */
@Injectable()
export class ImportFiles {
  readonly directory: string;
  /** What may be read of one file. One that is no archive was as large when it was uploaded. */
  readonly maxBytes: number;

  constructor(
    config: Config,
    private readonly policy: ImportsPolicy,
  ) {
    this.directory = join(config.dataDirectory, 'imports');
    this.maxBytes = Math.max(policy.maxBytes, config.maxImportBytes);
  }

  pathOf(id: string): string {
    return join(this.directory, id);
  }

  async write(id: string, content: Readable): Promise<number> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    // The mode above is that of a new directory.
    await chmod(this.directory, 0o700);
    // An upload whose process died may have left a file of this import.
    await this.remove(id);
    const file = createWriteStream(this.pathOf(id), { mode: 0o600, flags: 'wx' });
    await pipeline(content, new MinimumPace(this.policy.pace), file);
    return file.bytesWritten;
  }

  /** The content of a file, or of the file in an archive. */
  async read(id: string): Promise<Readable> {
    return isZip(await this.start(id, 4))
      ? await readEntry(this.pathOf(id))
      : createReadStream(this.pathOf(id));
  }

  /** The first bytes of a file, or of the file in an archive, which has a name of its own. */
  async head(id: string, name: string | null, bytes: number): Promise<{ name: string | null; head: Buffer }> {
    const start = await this.start(id, bytes);
    if (!isZip(start)) return { name, head: start };
    if (name !== null && /\.(?!zip$)\w{1,8}$/i.test(name))
      throw refused('wrong-type', 'file is an archive, but its name is not that of one');
    const entry = await openEntry(this.pathOf(id));
    return { name: entry.name, head: await beginning(entry.stream, bytes) };
  }

  private async start(id: string, bytes: number): Promise<Buffer> {
    const file = await open(this.pathOf(id), 'r');
    try {
      const buffer = Buffer.alloc(bytes);
      const { bytesRead } = await file.read(buffer, 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** Whether the file of an import is on this instance. */
  async has(id: string): Promise<boolean> {
    return (await this.age(id)) !== undefined;
  }

  async remove(id: string): Promise<void> {
    await rm(this.pathOf(id), { force: true });
  }

  /**
   * Removes the files that no import needs.
   * @param needed asked after the files were listed, so that a file of a later upload is not among them
   */
  async sweep(needed: () => Promise<ReadonlySet<string>>): Promise<void> {
    const found: [name: string, writtenAt: number | undefined][] = [];
    for (const name of await this.names()) found.push([name, await this.age(name)]);
    if (found.length === 0) return;
    const kept = await needed();
    for (const [name, writtenAt] of found) {
      // One of the same name that is being written is the file of a new upload.
      const isSame = writtenAt !== undefined && (await this.age(name)) === writtenAt;
      if (isSame && !kept.has(name)) await this.remove(name);
    }
  }

  private async names(): Promise<string[]> {
    try {
      return await readdir(this.directory);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /** When the file was last written to. Undefined when there is none, or something that is no file. */
  private async age(id: string): Promise<number | undefined> {
    try {
      const found = await stat(this.pathOf(id));
      return found.isFile() ? found.mtimeMs : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}

async function beginning(stream: Readable, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      parts.push(part);
      size += part.length;
      if (size >= bytes) break;
    }
  } catch {
    throw refused('wrong-type', 'The archive is damaged');
  }
  return Buffer.concat(parts).subarray(0, bytes);
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
