import type { Client } from './client.js';
import type { Server } from './server.js';
import type { Answer, PushRequest, Request } from './wire.js';

export const FAULTS = [
  'none',
  /** The request is lost. */
  'drop-request',
  /** The request takes effect, but its answer is lost. */
  'drop-answer',
  /** The network delivers the request twice. */
  'duplicate',
  /** The request arrives, and arrives again much later. */
  'late-request',
  /** The answer arrives much later, after the answers to later requests. */
  'late-answer',
] as const;

export type Fault = (typeof FAULTS)[number];

interface Held {
  readonly client: Client;
  readonly request: Request;
  readonly answer: Answer | undefined;
}

/** The network between the phones and the server. */
export class Network {
  /** All pushes that were ever sent. */
  readonly pushed: PushRequest[] = [];
  private held: Held[] = [];

  constructor(private readonly server: Server) {}

  /** Sends the next request of a client. @returns false when its cycle has ended. */
  step(client: Client, fault: Fault): boolean {
    const request = client.next();
    if (!request) return false;
    if (fault === 'drop-request') return true;
    let answer = this.send(request);
    if (fault === 'duplicate') answer = this.send(request);
    if (fault === 'late-request') this.held.push({ client, request, answer: undefined });
    if (fault === 'late-answer') this.held.push({ client, request, answer });
    else if (fault !== 'drop-answer') client.take(request, answer);
    return true;
  }

  /** Delivers one of the delayed messages. */
  deliver(index: number): void {
    if (this.held.length === 0) return;
    const [{ client, request, answer }] = this.held.splice(index % this.held.length, 1) as [Held];
    if (answer) client.take(request, answer);
    else this.send(request);
  }

  /** The phone restarts: it does not receive the answers to its earlier requests, but these requests may still arrive. */
  hangUp(client: Client): void {
    this.held = this.held.filter((one) => one.client !== client || one.answer === undefined);
  }

  deliverAll(): void {
    while (this.held.length > 0) this.deliver(0);
  }

  private send(request: Request): Answer {
    if (request.type === 'push') this.pushed.push(request);
    return this.server.answer(request);
  }
}
