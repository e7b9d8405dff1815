import 'reflect-metadata';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { Delivery } from './delivery.js';
import type { DomainEvent } from './domain-event.js';
import { type Subscription, SUBSCRIPTION } from './on-event.js';

/** A subscription with the method that handles its events. */
export interface Subscriber extends Subscription {
  /** There is no delivery for a subscriber that runs in the publisher's unit of work. */
  readonly handle: (event: DomainEvent, delivery?: Delivery) => Promise<void>;
}

/** The form of subscriber names and topics. Both are stored with every message. */
const NAME = /^[a-z][a-z0-9._-]{0,63}$/;

/**
 * All subscribers of the application. It finds them by the decorators on provider methods. An invalid subscriber stops the
 * start.
 */
@Injectable()
export class Subscribers implements OnModuleInit {
  private readonly byName = new Map<string, Subscriber>();
  private readonly byTopic = new Map<string, Subscriber[]>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** Runs after all providers were created, and before any event is published. */
  onModuleInit(): void {
    // An alias provides an instance that another provider also has.
    const seen = new Set<unknown>();
    for (const provider of this.discovery.getProviders()) {
      const instance: unknown = provider.instance;
      if (!isObject(instance) || seen.has(instance)) continue;
      seen.add(instance);
      const prototype = Object.getPrototypeOf(instance) as object | null;
      for (const method of this.scanner.getAllMethodNames(prototype))
        this.discover(instance, method, provider.isDependencyTreeStatic(), String(provider.name));
    }
  }

  /** Adds a subscriber. @throws Error when its name is taken, or its name or topic cannot be stored. */
  add(subscriber: Subscriber): void {
    const { name, topic } = subscriber;
    if (!NAME.test(name)) throw new Error(`"${name}" cannot be the name of an event subscriber`);
    if (!NAME.test((topic as string | undefined) ?? ''))
      throw new Error(`"${name}" subscribes to an unknown topic "${topic}"`);
    if (this.byName.has(name)) throw new Error(`Two event subscribers have the name "${name}"`);
    const others = this.of(topic);
    if (others.some(({ type }) => type !== subscriber.type))
      throw new Error(`Two classes of events have the topic "${topic}"`);
    this.byName.set(name, subscriber);
    this.byTopic.set(topic, [...others, subscriber]);
  }

  /** The subscribers of a topic. */
  of(topic: string): readonly Subscriber[] {
    return this.byTopic.get(topic) ?? [];
  }

  get all(): readonly Subscriber[] {
    return [...this.byName.values()];
  }

  private discover(instance: object, method: string, isStatic: boolean, provider: string): void {
    const found = (instance as Readonly<Record<string, unknown>>)[method];
    if (typeof found !== 'function') return;
    const subscription = this.reflector.get<Subscription | undefined>(SUBSCRIPTION, found);
    if (!subscription) return;
    const where = `${provider}.${method}`;
    if (!isStatic) throw new Error(`${where} subscribes to events, so its provider cannot be request-scoped`);
    checkSignature(where, instance, method, subscription);
    this.add({ ...subscription, handle: (found as Subscriber['handle']).bind(instance) });
  }
}

/**
 * Checks the parameters and the result of a subscriber method, by the types that the compiler emits for a decorated method.
 * The type of a parameter is `Object` when its class is imported only as a type.
 */
function checkSignature(where: string, target: object, method: string, { type, ...how }: Subscription): void {
  const parameters = Reflect.getMetadata('design:paramtypes', target, method) as unknown[] | undefined;
  const result = Reflect.getMetadata('design:returntype', target, method) as unknown;
  const expected = how.isInTransaction ? [type] : [type, Delivery];
  const isRight =
    parameters !== undefined &&
    parameters.length >= 1 &&
    parameters.length <= expected.length &&
    parameters.every((parameter, index) => parameter === expected[index]);
  if (!isRight || result !== Promise)
    throw new Error(
      `${where} must have the parameters (${expected.map(({ name }) => name).join(', ')}) and return a promise`,
    );
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
