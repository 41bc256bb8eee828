/**
 * A program that tests need and that this machine may not have. On CI it has to be there; elsewhere null and one line
 * that says what is not tested.
 */
export async function programOrNull<T>(what: string, find: () => Promise<T>): Promise<T | null> {
  try {
    return await find();
  } catch (error) {
    if (process.env.CI !== undefined && process.env.CI !== '') throw error;
    process.stderr.write(`not tested here: ${what}. ${error instanceof Error ? error.message : error}\n`);
    return null;
  }
}
