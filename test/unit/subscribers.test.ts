import { Injectable, Scope } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { Delivery } from '../../src/kernel/events/delivery.js';
import { DomainEvent } from '../../src/kernel/events/domain-event.js';
import { OnEvent, OnEventInTransaction } from '../../src/kernel/events/on-event.js';
import { Subscribers } from '../../src/kernel/events/subscribers.js';

class Moved extends DomainEvent {
  static readonly topic = 'test.moved';
  readonly ownerId = null;
}

class AlsoMoved extends DomainEvent {
  static readonly topic = 'test.moved';
  readonly ownerId = null;
}

class Nameless extends DomainEvent {
  static readonly topic: string;
  readonly ownerId = null;
}

@Injectable()
class Feed {
  readonly seen: DomainEvent[] = [];

  @OnEvent(Moved, 'feed')
  async onMoved(event: Moved, _delivery: Delivery): Promise<void> {
    this.seen.push(event);
  }

  @OnEventInTransaction(Moved, 'feed-at-once')
  async onMovedAtOnce(event: Moved): Promise<void> {
    this.seen.push(event);
  }

  notASubscriber(): void {}
}

@Injectable()
class Goals {
  @OnEvent(Moved, 'goals', { order: 'none' })
  async onMoved(_event: Moved): Promise<void> {}
}

@Injectable()
class SecondFeed {
  @OnEvent(Moved, 'feed')
  async onMoved(_event: Moved): Promise<void> {}
}

@Injectable()
class OtherClass {
  @OnEvent(AlsoMoved, 'other-class')
  async onMoved(_event: AlsoMoved): Promise<void> {}
}

@Injectable()
class WithoutTopic {
  @OnEvent(Nameless, 'without-topic')
  async onNameless(_event: Nameless): Promise<void> {}
}

@Injectable()
class BadName {
  @OnEvent(Moved, 'Bad Name')
  async onMoved(_event: Moved): Promise<void> {}
}

@Injectable({ scope: Scope.REQUEST })
class OfARequest {
  @OnEvent(Moved, 'of-a-request')
  async onMoved(_event: Moved): Promise<void> {}
}

@Injectable()
class WithoutParameter {
  @OnEvent(Moved, 'without-parameter')
  async onMoved(): Promise<void> {}
}

@Injectable()
class OtherEvent {
  @OnEvent(Moved, 'other-event')
  async onMoved(_event: object): Promise<void> {}
}

@Injectable()
class OtherSecond {
  @OnEvent(Moved, 'other-second')
  async onMoved(_event: Moved, _id: unknown): Promise<void> {}
}

const start = async (...providers: (new () => object)[]): Promise<Subscribers> => {
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule],
    providers: [Subscribers, ...providers],
  }).compile();
  await module.init();
  return module.get(Subscribers);
};

describe('subscribers', () => {
  it('are found on every provider, also several for one topic, and called on their own instance', async () => {
    const subscribers = await start(Feed, Goals);
    const found = subscribers.of('test.moved');
    expect(found.map(({ name, isOrdered, isInTransaction }) => [name, isOrdered, isInTransaction])).toEqual([
      ['feed', true, false],
      ['feed-at-once', false, true],
      ['goals', false, false],
    ]);
    await found[0]?.handle(new Moved());
    await found[1]?.handle(new Moved());
    expect(subscribers.of('test.other')).toEqual([]);
  });

  it('are found once when a provider has an alias', async () => {
    const module = await Test.createTestingModule({
      imports: [DiscoveryModule],
      providers: [Subscribers, Feed, { provide: 'alias', useExisting: Feed }],
    }).compile();
    await module.init();
    expect(module.get(Subscribers).all).toHaveLength(2);
  });

  it.each([
    ['two with one name', [Feed, SecondFeed], 'Two event subscribers have the name "feed"'],
    ['two classes with one topic', [Feed, OtherClass], 'Two classes of events have the topic "test.moved"'],
    ['an unknown topic', [WithoutTopic], 'unknown topic'],
    ['a name that cannot be stored', [BadName], '"Bad Name" cannot be the name of an event subscriber'],
    ['a request-scoped provider', [OfARequest], 'request-scoped'],
    ['no parameter', [WithoutParameter], 'must have the parameters (Moved, Delivery)'],
    ['another parameter', [OtherEvent], 'OtherEvent.onMoved must have the parameters (Moved, Delivery)'],
    ['another second parameter', [OtherSecond], 'must have the parameters (Moved, Delivery)'],
  ])('stop the start: %s', async (_, providers, message) => {
    await expect(start(...providers)).rejects.toThrow(message);
  });
});
