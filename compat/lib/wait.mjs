// Waiting for a condition, never for a length of time.

const INTERVAL_MS = 50;

/**
 * Repeats `probe` until it gives something truthy and returns that.
 *
 * @template T
 * @param {string} what names the condition in the failure
 * @param {() => T | Promise<T>} probe
 * @param {number} [limitMs]
 * @returns {Promise<T>}
 */
export async function until(what, probe, limitMs = 15_000) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await pause(INTERVAL_MS);
  }
}

/**
 * Lets `ms` milliseconds pass, or fewer once `signal` says so.
 *
 * @param {number} ms
 * @param {AbortSignal} [signal]
 */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
