/** Which of several registries a short name means: a question for who sits at a terminal. */
import { isatty } from 'node:tty';

/** Undefined where there is nobody to ask: containers-registries.conf(5) wants both to be a terminal. */
export function nameChooser(): ((names: readonly string[]) => Promise<string>) | undefined {
  if (!isatty(0) || !isatty(1)) return undefined;
  return async (names) => {
    const { choose } = await import('./prompt.ts');
    return await choose('Please select an image:', names);
  };
}
