import { UsageError } from '../errors.ts';

/** signal(7), as x86 and Arm number them. */
const NUMBERS: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
  RTMIN: 34,
  RTMAX: 64,
};

/** As kill(1) lists them, without `SIG`. */
export const SIGNAL_NAMES: readonly string[] = Object.keys(NUMBERS);

/**
 * Parse a signal: `SIGTERM`, `term`, `15`, `RTMIN+3`.
 *
 * @throws {UsageError} when there is no such signal
 */
export function parseSignal(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 64) return Number(text);
  const [, base, offset = '0'] = /^(?:SIG)?([A-Z][A-Z0-9]*?)([+-]\d{1,2})?$/.exec(text.toUpperCase()) ?? [];
  const number = base !== undefined && Object.hasOwn(NUMBERS, base) ? NUMBERS[base] : undefined;
  const isRealTime = base === 'RTMIN' || base === 'RTMAX';
  if (number !== undefined && (isRealTime || offset === '0')) {
    const signal = number + Number(offset);
    if (!isRealTime || (signal >= 34 && signal <= 64)) return signal;
  }
  throw new UsageError(`"${text}" is not a signal`, { remedy: 'Give its name or number: SIGTERM, 15' });
}
