/**
 * The processor time that this process uses for `work`, in milliseconds. The service runs in the process of its test, so this
 * is its time and that of the test. Unlike a duration it does not grow when other programs use the machine.
 */
export async function processorTime(work: () => unknown): Promise<number> {
  const begin = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1_000;
}
