/**
 * Says that something is not installed, and what is skipped for it; with its name in HALE_TEST_REQUIRE (a comma list
 * of mariadb, redis, chromium) the run fails instead: a CI that skips hides a failure.
 */
export function reportMissing(name: 'mariadb' | 'redis' | 'chromium', skipped: string): void {
  const line = `${name} is not installed: ${skipped} skipped.`;
  const required = (process.env['HALE_TEST_REQUIRE'] ?? '').split(',').map((item) => item.trim());
  if (required.includes(name)) throw new Error(`HALE_TEST_REQUIRE names ${name}, but ${line}`);
  console.warn(line);
}
