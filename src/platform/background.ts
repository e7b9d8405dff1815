import { Global, Injectable, Module } from '@nestjs/common';

/** Work that runs beside requests. It is started only in a process that serves requests, and not in a command. */
@Injectable()
export class Background {
  private readonly starters: (() => void)[] = [];

  /** @param start starts the work. It is called once. The module that adds it must stop the work when it is destroyed. */
  add(start: () => void): void {
    this.starters.push(start);
  }

  start(): void {
    for (const start of this.starters) start();
  }
}

@Global()
@Module({ providers: [Background], exports: [Background] })
export class BackgroundModule {}
