import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { makeCollection, makeEnvironment } from './postman/collection.js';

/* `npm run postman`: openapi.json as a Postman collection that runs from top to bottom. */
const files = {
  'postman/hale.postman_collection.json': await makeCollection(readFileSync('openapi.json', 'utf8')),
  'postman/hale.postman_environment.json': makeEnvironment(),
};

mkdirSync('postman', { recursive: true });
for (const [file, content] of Object.entries(files)) {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  console.log(`${file}: written`);
}
