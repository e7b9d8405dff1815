import { appleHealthFormat } from './apple-health.format.js';
import { csvFormat } from './csv.format.js';
import { fitbitFormats } from './fitbit.format.js';
import { healthConnectFormat } from './health-connect.format.js';
import type { ImportFormat } from './import-format.js';
import { openMHealthFormat } from './open-mhealth.format.js';

/**
 * All formats, the most particular first: the first one that recognises a file reads it. To add a format, write it and list
 * it here.
 */
export const allFormats: readonly ImportFormat[] = [
  ...fitbitFormats,
  appleHealthFormat,
  openMHealthFormat,
  healthConnectFormat,
  csvFormat,
];

export const FORMAT_NAMES = allFormats.map(({ name }) => name);

export const formatOf = (name: string): ImportFormat => {
  const found = allFormats.find((format) => format.name === name);
  if (!found) throw new Error(`There is no format "${name}"`);
  return found;
};
