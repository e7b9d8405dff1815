import { Readable, Transform, type TransformCallback } from 'node:stream';
import { Problem } from '../../../kernel/http/problem.js';

/**
 * The content of a file. `beforePart` gets the number of bytes that were read, and may end the reading by an error: a format
 * may read a whole file without yielding one row.
 */
export function metered(source: Readable, beforePart: (bytes: number) => Promise<void>): Readable {
  async function* parts(): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const part of source as AsyncIterable<Buffer>) {
      bytes += part.length;
      await beforePart(bytes);
      yield part;
    }
  }
  return Readable.from(parts(), { objectMode: false }).once('close', () => source.destroy());
}

export interface Pace {
  readonly bytes: number;
  readonly perMs: number;
}

/** Passes an upload on as long as enough of it arrives: a client that sends a little now and then would hold its place for long. */
export class MinimumPace extends Transform {
  private arrived = 0;
  private readonly timer: NodeJS.Timeout;

  constructor({ bytes, perMs }: Pace) {
    super();
    this.timer = setInterval(() => {
      if (this.arrived < bytes) this.destroy(tooSlow({ bytes, perMs }));
      this.arrived = 0;
    }, perMs).unref();
  }

  override _transform(part: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.arrived += part.length;
    done(null, part);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.timer);
    done(error);
  }

  override _flush(done: TransformCallback): void {
    clearInterval(this.timer);
    done();
  }
}

const tooSlow = ({ bytes, perMs }: Pace): Problem =>
  new Problem('malformed-request', {
    detail: `The file arrived too slowly: at least ${Math.ceil(bytes / 1_024)} KiB must arrive in ${Math.ceil(perMs / 1_000)} seconds.`,
  });
