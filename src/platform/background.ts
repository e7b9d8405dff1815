import { Global, Injectable, Module } from '@nestjs/common';

/** What runs beside requests. It runs where requests are served; a command on the same database starts none of it. */
@Injectable()
export class Background {
  private readonly works: (() => void)[] = [];

  /** @param start begins the work, once; whoever adds it ends it when its module is destroyed. */
  add(start: () => void): void {
    this.works.push(start);
  }

  start(): void {
    for (const start of this.works) start();
  }
}

@Global()
@Module({ providers: [Background], exports: [Background] })
export class BackgroundModule {}
