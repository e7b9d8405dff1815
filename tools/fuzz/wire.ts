import { Agent, type IncomingMessage, request as open } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

/** A request as it is sent. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, as they stand in the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export interface WireAnswer {
  readonly status: number;
  /** By names in lower case; lines of one name are joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly milliseconds: number;
}

/** No answer after this time counts as none. */
const PATIENCE_MS = 30_000;
const MAX_SOCKETS = 32;

/** An HTTP client that sends what it is told, also what a friendly client would refuse to send. */
export class Wire {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });

  constructor(private readonly url: string) {}

  close(): void {
    this.agent.destroy();
  }

  /** @returns the answer, or why there was none. */
  async send(request: WireRequest): Promise<WireAnswer | string> {
    const answer = await this.attempt(request);
    // The service may close an idle connection at the moment in which it is used again: the request was not read.
    return answer === STALE
      ? this.attempt(request).then((one) => (one === STALE ? 'connection reset' : one))
      : answer;
  }

  private attempt({ method, target, headers, body }: WireRequest): Promise<WireAnswer | string> {
    const begun = performance.now();
    return new Promise((resolve) => {
      const sending = open(this.url, {
        method,
        path: target,
        agent: this.agent,
        headers: { ...headers, ...(body ? { 'content-length': String(body.length) } : {}) },
        timeout: PATIENCE_MS,
      });
      sending.on('response', (response) => {
        read(response, begun).then(resolve, (error: Error) => resolve(error.message));
      });
      sending.on('timeout', () => sending.destroy(new Error(`no answer after ${PATIENCE_MS} ms`)));
      sending.on('error', (error: Error & { code?: string }) =>
        resolve(sending.reusedSocket && error.code === 'ECONNRESET' ? STALE : error.message),
      );
      sending.end(body);
    });
  }
}

const STALE = 'stale connection';

async function read(response: IncomingMessage, begun: number): Promise<WireAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { statusCode = 0, headers } = response;
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    text: decoded(Buffer.concat(chunks), headers['content-encoding']).toString('utf8'),
    milliseconds: performance.now() - begun,
  };
}

const DECODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  deflate: inflateSync,
};

function decoded(bytes: Buffer, encoding = 'identity'): Buffer {
  const decode = DECODERS[encoding];
  // The answer to HEAD names an encoding and has no body.
  return decode && bytes.length > 0 ? decode(bytes) : bytes;
}

/** The command that sends the request again. */
export function curl({ method, target, headers, body }: WireRequest): string {
  const options = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const data = body ? [`--data-binary ${quoted(shown(body))}`] : [];
  return ['curl -i', `-X ${method}`, ...options, ...data, `"$HALE"${quoted(target)}`].join(' ');
}

const SHOWN = 2_000;
const shown = (body: Buffer): string =>
  body.length <= SHOWN ? body.toString('utf8') : `${body.toString('utf8', 0, SHOWN)}… (${body.length} bytes)`;
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
