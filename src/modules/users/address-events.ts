import { Injectable } from '@nestjs/common';

/** Joins the unit of work in which it happens. */
type Listener = (userId: string) => Promise<void>;

/**
 * That an account owns its address: said when that was shown, and once more before the address is given up. Somebody else may
 * own it after that, so what waits for the owner of an address must be theirs by then.
 */
@Injectable()
export class AddressEvents {
  private readonly listeners: Listener[] = [];

  subscribe(listener: Listener): void {
    this.listeners.push(listener);
  }

  /** Joins the caller's unit of work. */
  async owned(userId: string): Promise<void> {
    for (const listener of this.listeners) await listener(userId);
  }
}
