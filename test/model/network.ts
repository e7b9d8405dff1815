import type { Client } from './client.js';
import type { Server } from './server.js';
import type { Answer, PushRequest, Request } from './wire.js';

export const FAULTS = [
  'none',
  /** The request is lost. */
  'drop-request',
  /** It takes effect, the answer is lost. */
  'drop-answer',
  /** The network sends it twice. */
  'duplicate',
  /** It takes effect, and once more much later. */
  'late-request',
  /** Its answer comes much later: after those of later requests. */
  'late-answer',
] as const;

export type Fault = (typeof FAULTS)[number];

interface Held {
  readonly client: Client;
  readonly request: Request;
  readonly answer: Answer | undefined;
}

/** Between the phones and the server. */
export class Network {
  /** Everything that was ever pushed. */
  readonly pushed: PushRequest[] = [];
  private held: Held[] = [];

  constructor(private readonly server: Server) {}

  /** One request of a client. @returns false when its cycle has ended. */
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

  /** One of what was held up arrives. */
  deliver(index: number): void {
    if (this.held.length === 0) return;
    const [{ client, request, answer }] = this.held.splice(index % this.held.length, 1) as [Held];
    if (answer) client.take(request, answer);
    else this.send(request);
  }

  /** The phone starts anew: nobody hears the answers to what it asked before. What it sent may still arrive. */
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
