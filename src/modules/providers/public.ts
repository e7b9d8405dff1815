export { departure, exchange } from './browser-strategy.js';
export { RefusedByPeer } from './peers.js';
export { type ExternalIdentity, type ProviderName, providerNames, providerTitles } from './provider.js';
export { Providers } from './providers.js';
export { ProvidersModule } from './providers.module.js';
