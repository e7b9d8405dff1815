import { PassThrough, type Readable } from 'node:stream';
import yauzl from 'yauzl';
import { Problem } from '../../../../kernel/http/problem.js';
import { refused } from './file-kind.js';
import { UnreadableFile } from './import-format.js';

/** An export of Apple Health has a file for each route and electrocardiogram beside the one with the records. */
const MAX_ENTRIES = 100_000;
/** What an archive may become. The size that it states is checked before anything is unpacked, and kept while it is. */
export const MAX_UNPACKED_BYTES = 4 * 1_024 ** 3;
/** Deflate cannot pack more tightly: such an archive is made to do harm. */
const MAX_RATIO = 1_032;

/** No file to import has a longer name. A name is decoded only if it is short: an archive can have a hundred thousand long ones. */
const MAX_NAME_BYTES = 512;

const EXPORT = /(?:^|\/)export\.xml$/;
const READABLE = /\.(?:csv|jsonl?|ndjson|xml)$/i;
/** What macOS and Android add beside the files of a person. */
const HIDDEN = /(?:^|\/)(?:__MACOSX\/|\.)/;

/** The beginning of every archive. */
export const isZip = (head: Buffer): boolean => head.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'));

/**
 * Reads the file of an archive that is to be imported: Apple's `export.xml`, or the only file, or the only one outside of folders.
 * @throws Problem `validation` for an archive without such a file, one that is damaged, or one that becomes too large
 */
export async function openEntry(path: string): Promise<{ readonly name: string; readonly stream: Readable }> {
  const archive = await open(path);
  try {
    const entry = await find(archive);
    check(entry);
    const unpacked = await new Promise<Readable>((resolve, reject) => {
      archive.openReadStream(entry, (error, opened) => (error ? reject(damaged()) : resolve(opened)));
    });
    return { name: nameOf(entry).split('/').at(-1) ?? '', stream: contentOf(archive, unpacked) };
  } catch (error) {
    archive.close();
    throw error;
  }
}

/**
 * The content of the same file, once the archive was accepted.
 * @throws UnreadableFile in place of a problem of a request, because nobody waits for the answer
 */
export async function readEntry(path: string): Promise<Readable> {
  try {
    return (await openEntry(path)).stream;
  } catch (error) {
    throw error instanceof Problem ? archiveDamaged() : error;
  }
}

/** The content of an entry. It fails with UnreadableFile when the archive is damaged, since another attempt would not help. */
function contentOf(archive: yauzl.ZipFile, unpacked: Readable): Readable {
  const stream = new PassThrough();
  unpacked.once('error', (error) => stream.destroy(isOfDisk(error) ? error : archiveDamaged()));
  stream.once('close', () => {
    unpacked.destroy();
    archive.close();
  });
  return unpacked.pipe(stream);
}

/** What the operating system reports says nothing about the archive. */
const isOfDisk = (error: Error): boolean => 'syscall' in error;

const open = (path: string): Promise<yauzl.ZipFile> =>
  new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false, decodeStrings: false }, (error, archive) =>
      error ? reject(damaged()) : resolve(archive),
    );
  });

const nameOf = ({ fileNameRaw }: yauzl.Entry): string =>
  fileNameRaw.length > MAX_NAME_BYTES ? '' : fileNameRaw.toString('utf8');

interface Found {
  first: yauzl.Entry | undefined;
  count: number;
}

/** Keeps two entries at most, whatever the archive lists. */
function find(archive: yauzl.ZipFile): Promise<yauzl.Entry> {
  const outside: Found = { first: undefined, count: 0 };
  const inside: Found = { first: undefined, count: 0 };
  return new Promise((resolve, reject) => {
    archive.on('error', () => reject(damaged()));
    if (archive.entryCount > MAX_ENTRIES) {
      reject(refused('out-of-range', 'The archive has too many files'));
      return;
    }
    archive.on('entry', (entry: yauzl.Entry) => {
      const name = nameOf(entry);
      if (EXPORT.test(name)) {
        resolve(entry);
        return;
      }
      if (READABLE.test(name) && !HIDDEN.test(name)) {
        const place = name.includes('/') ? inside : outside;
        place.first ??= entry;
        place.count++;
      }
      archive.readEntry();
    });
    archive.on('end', () => {
      const { first, count } = outside.count > 0 ? outside : inside;
      if (first && count === 1) resolve(first);
      else reject(refused('wrong-type', first ? SEVERAL : NOTHING));
    });
    archive.readEntry();
  });
}

const NOTHING = 'The archive contains no export.xml and no CSV, XML or JSON file';
const SEVERAL = 'The archive contains several CSV, XML or JSON files: upload the one that is to be imported';

function check(entry: yauzl.Entry): void {
  if (entry.isEncrypted()) throw refused('wrong-type', 'The archive is encrypted');
  const { compressedSize, uncompressedSize } = entry;
  if (uncompressedSize > MAX_UNPACKED_BYTES || uncompressedSize > compressedSize * MAX_RATIO + 1_024)
    throw refused('out-of-range', 'The archive becomes too large when it is unpacked');
}

const damaged = () => refused('wrong-type', 'The archive is damaged');

const archiveDamaged = () => new UnreadableFile('archive-damaged', 'The archive is damaged, or incomplete.');
