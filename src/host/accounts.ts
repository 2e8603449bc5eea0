/** Users of the host, from /etc/passwd and from wherever else NSS has them. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { NotFoundError } from '../errors.ts';

/**
 * The line of a user, without its password and shell, as Podman gives it to a container.
 *
 * @param user a name or an id
 * @throws {NotFoundError} when the host does not know the user
 * @see man 1 getent, man 5 passwd
 */
export function findHostUser(user: string): string {
  const { stdout, status } = spawnSync('getent', ['passwd', '--', user], { encoding: 'utf8' });
  const lines = (status === null ? readFileSync('/etc/passwd', 'utf8') : stdout).split('\n'); // Or there is no getent.
  const fields = lines.map((line) => line.split(':')).find(([name, , uid]) => name === user || uid === user);
  if (fields === undefined) {
    throw new NotFoundError(`there is no user "${user}" on this host`, { remedy: 'See who there is: getent passwd' });
  }
  const [name = '', , uid = '', gid = '', comment = '', home = ''] = fields;
  return [name, '*', uid, gid, comment, home, '/bin/sh'].join(':');
}
