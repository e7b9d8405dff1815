/**
 * Prints that a program is not installed and what is skipped. If HALE_TEST_REQUIRE (a comma-separated list of mariadb, redis
 * and chromium) contains its name, the run fails instead, because a CI that skips tests hides failures.
 */
export function reportMissing(name: 'mariadb' | 'redis' | 'chromium', skipped: string): void {
  const line = `${name} is not installed: ${skipped} skipped.`;
  const required = (process.env['HALE_TEST_REQUIRE'] ?? '').split(',').map((item) => item.trim());
  if (required.includes(name)) throw new Error(`HALE_TEST_REQUIRE names ${name}, but ${line}`);
  console.warn(line);
}
