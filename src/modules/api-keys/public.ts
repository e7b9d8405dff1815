export { ApiKeysModule } from './api-keys.module.js';
export { type Entry, KeyGate } from './key-gate.js';
export { KEY_PREFIX } from './key-text.js';
