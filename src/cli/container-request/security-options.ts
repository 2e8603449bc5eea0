/** The values of `--security-opt`. */
import { UsageError } from '../../errors.ts';
import type { ContainerRequest } from '../../model/container-request.ts';
import type { Loose } from './loose.ts';

type Security = Pick<
  ContainerRequest,
  'noNewPrivileges' | 'seccomp' | 'accessControl' | 'mask' | 'unmask' | 'procOptions'
>;

/** @throws {UsageError} for an option that is none */
export function collectSecurity(options: readonly string[]): Loose<Security> {
  let noNewPrivileges = false;
  let seccomp: string | undefined;
  const accessControl: string[] = [];
  const mask: string[] = [];
  const unmask: string[] = [];
  const procOptions: string[] = [];
  for (const option of options) {
    const [, key = option, value = ''] = /^([\w-]+)[=:](.*)$/s.exec(option) ?? [];
    if (key === 'no-new-privileges' && ['', 'true', 'false'].includes(value)) noNewPrivileges = value !== 'false';
    else if (key === 'seccomp' && value !== '') seccomp = value;
    else if (key === 'mask' && isPathList(value)) mask.push(...value.split(':'));
    else if (key === 'unmask' && (value.toUpperCase() === 'ALL' || isPathList(value))) unmask.push(...value.split(':'));
    else if (key === 'proc-opts' && value.split(',').every(isProcOption)) procOptions.push(...value.split(','));
    else if (key === 'systempaths' && value === 'unconfined') unmask.push('ALL');
    else if (key === 'label' || (key === 'apparmor' && value === 'unconfined')) accessControl.push(`${key}=${value}`);
    else {
      throw new UsageError(`"${option}" is not a security option`, {
        remedy:
          'There are seccomp=FILE|unconfined, no-new-privileges, mask=/PATH:/PATH, unmask=/PATH:/PATH|ALL, proc-opts=OPTIONS',
      });
    }
  }
  return {
    noNewPrivileges,
    seccomp,
    ...(accessControl.length === 0 ? {} : { accessControl }),
    mask,
    unmask,
    procOptions,
  };
}

function isPathList(text: string): boolean {
  return text.split(':').every((path) => path.startsWith('/'));
}

/** What mount(8) and proc(5) know for a procfs. */
function isProcOption(text: string): boolean {
  return /^(?:nosuid|noexec|nodev|ro|rw|hidepid=(?:[0124]|off|noaccess|invisible|ptraceable)|gid=\d{1,10}|subset=pid)$/.test(
    text,
  );
}
