import type { AttackRequest } from './fairness.js';

/* Sends each request that it gets. A process of its own, so that its work does not delay what the benchmark measures. */

process.on('message', ({ url, headers, body }: AttackRequest) => {
  const all = { ...headers, 'content-type': 'application/json' };
  fetch(url, body === undefined ? { headers } : { method: 'POST', headers: all, body })
    .then(async (response) => {
      await response.arrayBuffer();
      process.send?.(`${response.status}`);
    })
    .catch((error: unknown) => process.send?.(String(error)));
});
