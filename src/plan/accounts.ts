/** Lines of /etc/passwd and /etc/group for a user that the image does not know: programs ask who they are. */
import { expandEntry } from '../model/account-entry.ts';
import type { Op } from './ops.ts';
import type { PlanInput } from './runtime-plan.ts';

const PASSWD_ENTRY = '$USERNAME:*:$UID:$GID:$NAME:$HOME:/bin/sh';
const GROUP_ENTRY = '$GROUPNAME:x:$GID:$USERLIST';

interface Account {
  readonly name: string;
  readonly comment: string;
  readonly uid: number | string;
  readonly gid: number | string;
  /** Whether the group is the user's own, and gets a line too. */
  readonly hasGroup: boolean;
}

/**
 * The ops that add the user of keep-id, or one that is a number; the native side leaves out whom the image knows.
 *
 * @see man 5 passwd
 */
export function accountOps({ config, facts }: Pick<PlanInput, 'config' | 'facts'>): Op[] {
  const { process, accounts } = config;
  const account = findAccount({ config, facts });
  const known = (accounts?.hostEntries ?? []).map((line): Op => ['passwd', line]);
  if (account === undefined || accounts?.isAdded === false) return known;
  const { name, comment, uid, gid, hasGroup } = account;
  const home = process.workdir.replaceAll(/[:\n]/g, '_');
  const passwd = { USERNAME: name, UID: uid, GID: gid, NAME: comment, HOME: home };
  const group = { GROUPNAME: name, GID: gid, USERLIST: '' };
  const isGroupAdded = hasGroup || accounts?.groupEntry !== undefined;
  return [
    ...known,
    ['passwd', expandEntry(accounts?.passwdEntry ?? PASSWD_ENTRY, passwd)],
    ...(isGroupAdded ? [['group', expandEntry(accounts?.groupEntry ?? GROUP_ENTRY, group)] as const] : []),
  ];
}

function findAccount({ config: { process, userns }, facts }: Pick<PlanInput, 'config' | 'facts'>): Account | undefined {
  if (userns.kind === 'keep-id') {
    const ids = { uid: userns.uid ?? facts.uid, gid: userns.gid ?? facts.gid };
    return { name: facts.userName, comment: facts.userName, ...ids, hasGroup: true };
  }
  const [, uid, gid = '0'] = /^(\d+)(?::(\d+))?$/.exec(process.user) ?? [];
  return uid === undefined || uid === '0'
    ? undefined
    : { name: uid, comment: 'container user', uid, gid, hasGroup: false };
}
