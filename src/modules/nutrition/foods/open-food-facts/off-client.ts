import { Injectable } from '@nestjs/common';
import { Config } from '../../../../config/config.js';
import { gtin14 } from '../gtin.js';

/** Longer than Open Food Facts usually takes, and shorter than a person waits. */
const TIMEOUT_MS = 3_000;
/** An answer with the fields below has a few kilobytes. */
const MAX_BYTES = 262_144;

const FIELDS = [
  'code',
  'product_name',
  'generic_name',
  'brands',
  'categories',
  'lang',
  'nutrition_data_per',
  'product_quantity_unit',
  'serving_size',
  'serving_quantity',
  'serving_quantity_unit',
  'nutriments',
].join(',');

/** Open Food Facts could not be asked, or its answer is not one. */
export class OffUnavailable extends Error {}

/** Only the answer for this barcode is not one. Others can be asked for. */
export class OffUnreadable extends OffUnavailable {}

type Json = Readonly<Record<string, unknown>>;

/** Asks Open Food Facts for products, by version 2 of its API. */
@Injectable()
export class OffClient {
  constructor(private readonly config: Config) {}

  /** Without an address it is never asked, and no barcode leaves the service. */
  get isOn(): boolean {
    return this.config.env.OPEN_FOOD_FACTS_URL !== undefined;
  }

  /**
   * The product as Open Food Facts describes it; undefined when it has none, or answers another one.
   * @throws OffUnavailable, OffUnreadable
   */
  async product(barcode: string): Promise<Json | undefined> {
    try {
      const answer = await this.ask(barcode);
      return answer === undefined ? undefined : productIn(answer, barcode);
    } catch (error) {
      throw error instanceof OffUnavailable ? error : new OffUnavailable('no answer', { cause: error });
    }
  }

  private async ask(barcode: string): Promise<string | undefined> {
    const url = `${this.config.env.OPEN_FOOD_FACTS_URL}/api/v2/product/${shortest(barcode)}.json?fields=${FIELDS}`;
    const response = await fetch(url, {
      headers: { accept: 'application/json', 'user-agent': `Hale (${this.config.env.PUBLIC_URL})` },
      // The address is configured, but a redirect target would not be.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status !== 404 && !response.ok) {
      await response.body?.cancel();
      const isOfServer = response.status >= 500 || response.status === 429;
      throw new (isOfServer ? OffUnavailable : OffUnreadable)(`status ${response.status}`);
    }
    const text = await bounded(response);
    return response.status === 404 ? undefined : text;
  }
}

/** Open Food Facts names products by 13 digits, or by the 8 of a GTIN-8. */
const shortest = (barcode: string): string => {
  const digits = barcode.replace(/^0+/, '');
  return digits.padStart(digits.length <= 8 ? 8 : 13, '0');
};

/** @throws OffUnreadable */
function productIn(answer: string, barcode: string): Json | undefined {
  const { status, product } = parsed(answer);
  if (Number(status) === 0) return undefined;
  if (typeof product !== 'object' || product === null) throw new OffUnreadable('an answer without a product');
  const { code } = product as Json;
  // A food of another barcode would be found by everybody who scans this one.
  return code === undefined || (typeof code === 'string' && gtin14(code) === barcode)
    ? (product as Json)
    : undefined;
}

/** @throws OffUnreadable */
function parsed(text: string): Json {
  try {
    return Object(JSON.parse(text)) as Json;
  } catch (cause) {
    throw new OffUnreadable('no JSON', { cause });
  }
}

/** @throws OffUnreadable for an answer that is too large */
async function bounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MAX_BYTES) throw new OffUnreadable(`more than ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
