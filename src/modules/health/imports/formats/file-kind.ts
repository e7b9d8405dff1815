import { fileTypeFromBuffer } from 'file-type';
import { invalidField, type Problem } from '../../../../kernel/http/problem.js';
import type { Container } from './import-format.js';
import { lookUp } from './values.js';

/** What the name of a file says about its content. */
const BY_EXTENSION: Readonly<Record<string, Container | 'zip'>> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  xml: 'xml',
  json: 'json',
  ndjson: 'json',
  jsonl: 'json',
  zip: 'zip',
};

/**
 * What a file is, by its first bytes.
 * @throws Problem `validation` for a file that is nothing of this, or not what its name says
 */
export async function kindOfFile(head: Buffer, name: string | null): Promise<Container | 'zip'> {
  const kind = await sniff(head);
  if (kind === undefined)
    throw refused('wrong-type', 'file must be a CSV, XML or JSON file in UTF-8, or a ZIP archive with one');
  const extension = /\.(\w{1,8})$/.exec(name ?? '')?.[1]?.toLowerCase() ?? '';
  const said = lookUp(BY_EXTENSION, extension);
  if (said !== undefined && said !== kind)
    throw refused('wrong-type', `file is named .${extension}, but its content is of another kind`);
  return kind;
}

async function sniff(head: Buffer): Promise<Container | 'zip' | undefined> {
  const type = await fileTypeFromBuffer(head.subarray(0, 4_100));
  if (type?.ext === 'zip') return 'zip';
  // Other archives, pictures and programs.
  if (type && type.ext !== 'xml') return undefined;
  const text = readUtf8(head);
  if (text === undefined) return undefined;
  const first = text.trimStart().charAt(0);
  if (type?.ext === 'xml' || first === '<') return 'xml';
  return first === '{' || first === '[' ? 'json' : 'csv';
}

/** Undefined for bytes that are not text in UTF-8. The last character may be cut off. */
export function readUtf8(head: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    // eslint-disable-next-line no-control-regex
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

export const refused = (code: string, message: string): Problem => invalidField('file', code, message);
