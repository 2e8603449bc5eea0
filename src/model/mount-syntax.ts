/** `--volume` and `--tmpfs`: text in, mounts out. */
import { posix } from 'node:path/posix';
import type { UsageError } from '../errors.ts';
import type { MountRequest } from './container-request.ts';
import { checkChoices, checkTarget, CHOICES, isTmpfsOption, malformed, namedVolume, partKept } from './mount-words.ts';

/**
 * Parse `--volume`: `[HOST-DIR|VOLUME:]CONTAINER-DIR[:OPTIONS]`. A source with a slash or a dot first is a directory of the
 * host, anything else a named volume; without a source the volume is anonymous.
 *
 * @param workdir the directory that relative ones are in
 * @throws {UsageError} when the text has another form
 */
export function parseVolume(text: string, workdir: string): MountRequest {
  const parts = text.split(':');
  const [source, target = '', options = ''] = parts.length === 1 ? [undefined, text] : parts;
  const refuse = (reason: string) => malformed('volume', text, reason);
  if (parts.length > 3) throw refuse('it has more than three parts');
  if (source === '') throw refuse('nothing stands before the colon');
  checkTarget(target, refuse);
  const words = options === '' ? [] : options.split(',').filter((word) => !MEANT_FOR_OTHER_HOSTS.has(word));
  const place = { target, ...partKept(words, workdir, refuse) };
  checkWords(place.options, refuse);
  if (source === undefined) return { type: 'volume', ...place };
  if (/^[/.]/.test(source)) return { type: 'bind', source: posix.resolve(workdir, source), ...place };
  return namedVolume(source, place, refuse);
}

/**
 * Parse `--tmpfs`: `CONTAINER-DIR[:OPTIONS]`.
 *
 * @throws {UsageError} when the text has another form
 */
export function parseTmpfs(text: string): MountRequest {
  const colon = text.indexOf(':');
  const target = colon < 0 ? text : text.slice(0, colon);
  const refuse = (reason: string) => malformed('tmpfs', text, reason);
  checkTarget(target, refuse);
  const options = colon < 0 ? [] : text.slice(colon + 1).split(',');
  for (const option of options) {
    if (!isTmpfsOption(option)) throw refuse(`there is no option "${option}"`);
  }
  checkChoices(options, refuse);
  return { type: 'tmpfs', target, options };
}

/**
 * Check `--chrootdirs`: a directory in the container.
 *
 * @throws {UsageError} when it does not begin with a slash, or is the root
 */
export function parseChrootDirectory(text: string): string {
  checkTarget(text, (reason) => malformed('directory', text, reason));
  return posix.normalize(text);
}

type Refuse = (reason: string) => UsageError;

/** Docker's options for machines that share files with a virtual one: they change nothing here, nor with Podman. */
const MEANT_FOR_OTHER_HOSTS = new Set(['cached', 'delegated']);

function checkWords(words: readonly string[], refuse: Refuse): void {
  for (const word of words) {
    if (!CHOICES.some((choice) => choice.includes(word))) throw refuse(`there is no option "${word}"`);
  }
  checkChoices(words, refuse);
}
