import { Injectable, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { DeclarationError } from '../declaration-error.js';
import { GatewayFaults } from './gateway-faults.js';
import { SOCKET_GATEWAY, type SocketGatewayOptions } from './socket-gateway.js';
import type { Gateway } from './socket-server.js';

type Provider = ReturnType<DiscoveryService['getProviders']>[number];

/** Every gateway of the application, by its path. A gateway that would not work stops the start. */
@Injectable()
export class SocketGateways {
  private readonly byPath = new Map<string, Gateway>();
  private readonly faults: GatewayFaults;

  constructor(
    private readonly discovery: DiscoveryService,
    scanner: MetadataScanner,
    reflector: Reflector,
  ) {
    this.faults = new GatewayFaults(scanner, reflector);
  }

  /** Call it before the application is initialised. @throws DeclarationError */
  check(): void {
    const faults = [
      ...this.discovery.getProviders().flatMap((provider) => this.register(provider)),
      ...this.discovery.getControllers().flatMap(({ metatype }) => this.faults.of(metatype as Type)),
    ];
    if (faults.length > 0) throw new DeclarationError(`Sockets:\n${[...new Set(faults)].join('\n')}`);
  }

  at(path: string): Gateway {
    const gateway = this.byPath.get(path);
    if (!gateway) throw new DeclarationError(`Sockets: there is no gateway at ${path}`);
    return gateway;
  }

  private register(provider: Provider): string[] {
    const instance: unknown = provider.instance;
    if (typeof instance !== 'object' || instance === null) return [];
    const type = instance.constructor as Type;
    const faults = this.faults.of(type);
    const options = Reflect.getMetadata(SOCKET_GATEWAY, type) as SocketGatewayOptions | undefined;
    if (!options || faults.length > 0) return faults;
    const known = this.byPath.get(options.path);
    this.byPath.set(options.path, instance);
    return [
      // Nest connects only these.
      ...(provider.isNotMetatype ? [`${type.name}: provide it by its class alone`] : []),
      ...(provider.isDependencyTreeStatic() ? [] : [`${type.name}: a gateway cannot be request-scoped`]),
      ...(known ? [`${type.name}: ${options.path} has two gateways, or one is provided twice`] : []),
    ];
  }
}
