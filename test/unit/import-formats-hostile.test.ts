import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import yauzl from 'yauzl';
import { appleHealthFormat } from '../../src/modules/health/imports/formats/apple-health.format.js';
import { csvFormat } from '../../src/modules/health/imports/formats/csv.format.js';
import { guessMapping } from '../../src/modules/health/imports/formats/csv-mapping.js';
import { type CsvRow, csvRows } from '../../src/modules/health/imports/formats/csv-rows.js';
import type {
  CsvGuess,
  CsvMapping,
  ImportItem,
  ImportRow,
  RowFault,
} from '../../src/modules/health/imports/formats/import-format.js';
import { readMoment, readNumber, readText } from '../../src/modules/health/imports/formats/values.js';
import { PlacedTimes } from '../../src/modules/health/imports/placed-times.js';
import { openEntry, readEntry } from '../../src/modules/health/imports/formats/zip-entry.js';

/** In parts of a size, as a disk or an archive may give them. */
function partsOf(text: string, size = 65_536): Readable {
  const bytes = Buffer.from(text);
  return Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, part) =>
      bytes.subarray(part * size, (part + 1) * size),
    ),
  );
}

async function rowsOf(text: string, size?: number): Promise<(CsvRow | RowFault)[]> {
  const rows: (CsvRow | RowFault)[] = [];
  for await (const row of csvRows(partsOf(text, size), ',')) rows.push(row);
  return rows;
}

const guessed = (text: string, isWhole = true): Promise<CsvGuess> => guessMapping({ text, isWhole }, {});

const shapeOf = (rows: readonly (CsvRow | RowFault)[]) =>
  rows.map((row) =>
    'fault' in row ? `${row.line} fault` : `${row.line} ${row.cells.join('|').slice(0, 20)}`,
  );

// Each of these texts would take hours if the time grew with the square of its length.
describe('long texts are answered by their length', () => {
  it('a name of a column with a bracket and 60 000 blanks', async () => {
    const { mapping } = await guessed(`Date,Weight (${' '.repeat(60_000)}x\n2026-01-06,82.5\n`);
    expect(mapping).toMatchObject({ timeColumn: 'Date', values: [] });
    expect((await guessed('Date,Weight ( kg ) \n')).mapping.values).toMatchObject([{ unit: 'kg' }]);
    expect((await guessed('Date,Weight[lbs]\n')).mapping.values).toMatchObject([{ unit: '[lb_av]' }]);
  });

  it('a time, a number and a text of megabytes', () => {
    const blanks = ' '.repeat(5_000_000);
    expect(readMoment(`2026-01-06 20:30${blanks}x`, 'year-month-day')).toBeUndefined();
    expect(readNumber('1'.repeat(65))).toBeUndefined();
    expect(readNumber(`${blanks}82.5${blanks}`)).toBe(82.5);
    // Spreading it would need gigabytes.
    expect(readText(`${blanks}${'\u{1F6CC}'.repeat(50_000_000)}`, 3)).toBe('\u{1F6CC}'.repeat(3));
  });
});

describe('a guessed mapping', () => {
  it('has no more and no longer columns than one that is sent', async () => {
    const names = Array.from({ length: 3_000 }, (_, place) => `Weight ${place} (kg)`);
    const head = ['Date', 'Steps', 'Steps', `Pulse ${'a'.repeat(200)}`, ...names].join(',');
    const { values } = (await guessed(`${head}\n2026-01-06,1\n`)).mapping;
    expect(values).toHaveLength(50);
    expect(values.slice(0, 2).map(({ column }) => column)).toEqual(['Steps', 'Weight 0 (kg)']);
  });

  const TABLE = 'Date,Weight (kg),Note\n2026-01-06,82.5,"a\nb"\n2026-01-07,82,c\n';

  // It may end in a row, in a text that goes over several lines, and between the two marks of the end of a line.
  it.each(['2026-01-', '2026-01-08,80,"x\nsome day,80\n', '2026-01-08,80\r'])(
    'is guessed from whole rows of the beginning of a file, which ends in %j',
    async (rest) => {
      const { mapping, columns, undecided } = await guessed(`${TABLE}${rest}`, false);
      expect(mapping).toMatchObject({ delimiter: ',', dateFormat: 'year-month-day' });
      expect(columns.map(({ sample }) => sample)).toEqual(['2026-01-06', '82.5', 'a b']);
      expect(undecided).toEqual([]);
    },
  );

  it('is guessed from the last row of a short file, and from those after a mark that is not closed', async () => {
    const head = 'Date,Weight (kg)\n5",82';
    expect(await guessed(`${head}\n13.01.2026,82\n14.01.2026,80`)).toMatchObject({
      mapping: { dateFormat: 'day-month-year' },
      undecided: [],
    });
    expect((await guessed(`${head}\n13.01.2026,82\n`, false)).undecided).toEqual(['date_format', 'decimal']);
    expect((await guessed('Date,Weight (kg)\n13.01.2026,82')).undecided).toEqual([]);
  });
});

describe('an export of Apple Health', () => {
  const DAY = 'startDate="2026-01-06 20:30:00 +0100" endDate="2026-01-06 20:40:00 +0100"';
  async function read(body: string): Promise<ImportRow[]> {
    const rows: ImportRow[] = [];
    const source = partsOf(`<?xml version="1.0"?><HealthData>${body}</HealthData>`);
    for await (const row of appleHealthFormat.read(source, {})) rows.push(row);
    return rows;
  }

  it('is refused when one element with all that is in it is larger than 1 MiB', async () => {
    const child = `<Record type="${'a'.repeat(20_000)}"/>`;
    const element = (children: number): string => `<Correlation>${child.repeat(children)}</Correlation>`;
    await expect(read(element(100))).rejects.toMatchObject({ code: 'xml-too-long' });
    expect(await read(element(20).repeat(10))).toHaveLength(10);
    // Nothing is kept of an element that is not read.
    expect(await read(`<Other>${child.repeat(100)}</Other>`)).toEqual([]);
  });

  it('keeps few nights of many sources, and short names', async () => {
    const stage = (source: string): string =>
      `<Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="${source}" ${DAY} value="HKCategoryValueSleepAnalysisAsleepCore"/>\n`;
    const sources = Array.from({ length: 120 }, (_, place) => stage(`s${place}`)).join('');
    const rows = await read(
      `${sources}<Record type="HKQuantityTypeIdentifierX"/>${stage('b'.repeat(5_000))}`,
    );
    const order = rows.map((row) => ('items' in row ? (row.items[0]?.origin ?? '-') : 'fault'));
    expect(order.indexOf('-')).toBe(70);
    expect(order.slice(0, 2)).toEqual(['s0', 's1']);
    expect(order.filter((origin) => origin.startsWith('s'))).toHaveLength(120);
    expect(order.at(-1)).toBe('b'.repeat(200));
  });
});

describe('a table with rows that cannot be read', () => {
  const good = (from: number, count: number): string =>
    Array.from({ length: count }, (_, row) => `${from + row},x\n`).join('');

  it('has the same rows and faults in the same order, whatever parts it comes in', async () => {
    const text = `a,b\n${good(2, 300)}1,"open\n${good(303, 120)}x"y,"z\n1,"two\r\nlines"\r\n5",6\r7",8\n${'é'.repeat(40_000)},1\n${'a'.repeat(150_000)},2\n${good(429, 100)}`;
    const whole = shapeOf(await rowsOf(text, 1e6));
    const lines = whole.map((row) => Number.parseInt(row, 10));
    expect(lines).toEqual(lines.toSorted((a, b) => a - b));
    expect(whole.filter((row) => row.endsWith('fault'))).toEqual(['302 fault', '423 fault', '429 fault']);
    expect(whole.slice(-101, -99)).toEqual(['429 fault', '430 429|x']);
    for (const size of [13, 1_000, 16_384, 65_536]) expect(shapeOf(await rowsOf(text, size))).toEqual(whole);
  });

  it('has one fault for a line without an end, and no row of its tail', async () => {
    const text = `a,b\n1,2\n${'a'.repeat(500_000)},7\n3,4\n`;
    expect(shapeOf(await rowsOf(text))).toEqual(['1 a|b', '2 1|2', '3 fault', '4 3|4']);
    expect(shapeOf(await rowsOf(`a,b\n${'a'.repeat(500_000)}`))).toEqual(['1 a|b', '2 fault']);
  });

  it('yields faults as they come, and is given up after many', async () => {
    const source = partsOf(`a,b\n${'x"y,"z\n'.repeat(200_000)}`);
    let faults = 0;
    const reading = async (): Promise<void> => {
      for await (const row of csvRows(source, ',')) faults += Number('fault' in row);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'too-many-faults' });
    expect(faults).toBe(10_000);
  });
});

/** An archive with these files. `content` is what is packed, in whatever form. */
function zip(files: readonly { name: string; packed: Buffer; content: Buffer }[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  for (const { name, packed, content } of files) {
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const more = Buffer.alloc(14);
    more.writeUInt32LE(Buffer.concat(locals).length, 10);
    const path = Buffer.from(name);
    locals.push(Buffer.concat([Buffer.from('PK\u0003\u0004'), common, path, packed]));
    centrals.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0]), common, more, path]));
  }
  const [local, central, end] = [Buffer.concat(locals), Buffer.concat(centrals), Buffer.alloc(22)];
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

describe('an archive', () => {
  const content = Buffer.from(Array.from({ length: 20_000 }, (_, row) => `${row * 7919},b\n`).join(''));
  const packed = deflateRawSync(content);

  async function withFile<T>(archive: Buffer, work: (path: string) => Promise<T>): Promise<T> {
    const directory = await mkdtemp(join(tmpdir(), 'archive-'));
    try {
      const path = join(directory, 'a.zip');
      await writeFile(path, archive);
      return await work(path);
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  it.each([
    ['ends too early', packed.subarray(0, packed.length - 2_000)],
    ['is not packed', Buffer.concat([packed.subarray(0, 20_000), Buffer.alloc(30_000, 0xff)])],
  ])('whose content %s is a file that cannot be read', async (_, data) => {
    await withFile(zip([{ name: 'a.csv', packed: data, content }]), async (path) => {
      const { stream } = await openEntry(path);
      await expect(textOf(stream)).rejects.toMatchObject({ code: 'archive-damaged' });
    });
  });

  it('that is damaged when its import begins is a file that cannot be read', async () => {
    const whole = zip([{ name: 'a.csv', packed, content }]);
    expect(await withFile(whole, async (path) => textOf(await readEntry(path)))).toBe(content.toString());
    await withFile(whole.subarray(0, 1_000), async (path) => {
      await expect(openEntry(path)).rejects.toMatchObject({ code: 'validation' });
      await expect(readEntry(path)).rejects.toMatchObject({ code: 'archive-damaged' });
    });
  });

  it('is not looked through any further when its export is found', async () => {
    const files = ['export.xml', 'a.csv', 'b.csv'].map((name) => ({ name, packed, content }));
    const reads = vi.spyOn(yauzl.ZipFile.prototype, 'readEntry');
    try {
      await withFile(zip(files), async (path) => {
        const { name, stream } = await openEntry(path);
        expect(name).toBe('export.xml');
        expect(await textOf(stream)).toBe(content.toString());
      });
      expect(reads).toHaveBeenCalledTimes(1);
    } finally {
      reads.mockRestore();
    }
  });
});

describe('an archive that lists very many long names', () => {
  it('is refused without keeping or decoding them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'archive-'));
    const path = join(folder, 'a.zip');
    const [names, long] = [200, 60_000];
    const entry = Buffer.alloc(46 + 3 * long, 'a');
    entry.fill(0, 0, 46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(long, 28);
    // The length of an extra field counts its own header.
    entry.writeUInt16LE(long, 30);
    entry.writeUInt16LE(long - 4, 46 + long + 2);
    entry.writeUInt16LE(long, 32);
    entry.write('.csv', 46 + long - 4);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(names, 8);
    end.writeUInt16LE(names, 10);
    end.writeUInt32LE(names * entry.length, 12);
    await writeFile(path, Buffer.concat([...Array.from({ length: names }, () => entry), end]));
    const spent = process.cpuUsage();
    try {
      await expect(openEntry(path)).rejects.toMatchObject({ code: 'validation' });
      // To decode the names and comments takes seconds.
      expect(process.cpuUsage(spent).user).toBeLessThan(1_500_000);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the zone of a period', () => {
  it('is that of its beginning for a reading, and that of its end for a night', () => {
    const times = new PlacedTimes('Europe/Berlin');
    const [start, end] = [new Date('2026-10-24T22:30:00Z'), new Date('2026-10-25T02:10:00Z')].map((at) => ({
      is: 'instant' as const,
      at,
    }));
    const reading = { is: 'reading', metric: 'steps', value: 1, unit: 'steps', start, end } as ImportItem;
    // In Berlin the clock was two hours ahead at the beginning, and one at the end.
    expect(times.place({ ...reading, offset: 7_200 }, 'steps')?.timeZone).toBe('Europe/Berlin');
    const night = { is: 'sleep', start, end } as ImportItem;
    expect(times.place({ ...night, offset: 3_600 }, 'sleep')?.timeZone).toBe('Europe/Berlin');
  });
});

describe('the ids and notes of a table', () => {
  it('are whole, or the row is a fault', async () => {
    const mapping: CsvMapping = {
      delimiter: ',',
      decimal: '.',
      dateFormat: 'year-month-day',
      timeColumn: 'd',
      idColumn: 'i',
      noteColumn: 'n',
      values: [{ column: 'v', metric: 'body_fat', unit: '%' }],
    };
    const long = 'x'.repeat(200);
    const rows = [
      `2026-01-06,${long}1,20,${'n'.repeat(1_000)}`,
      `2026-01-06,${long}2,21,`,
      `2026-01-06,3,22,${'n'.repeat(1_001)}`,
    ];
    const found = [];
    for await (const row of csvFormat.read(Readable.from([Buffer.from(`d,i,v,n\n${rows.join('\n')}\n`)]), {
      mapping,
    }))
      found.push(row);
    expect(found).toMatchObject([
      { items: [{ value: 20, note: 'n'.repeat(1_000) }] },
      { items: [{ value: 21 }] },
      { fault: { field: 'note', code: 'out-of-range' } },
    ]);
    const ids = found.flatMap((row) => ('items' in row ? row.items.map(({ externalId }) => externalId) : []));
    expect(new Set(ids).size).toBe(2);
  });
});
