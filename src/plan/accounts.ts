/** Lines of /etc/passwd and /etc/group for a user that the image does not know: programs ask who they are. */
import { expandEntry } from '../model/account-entry.ts';
import type { Op } from './ops.ts';
import type { PlanInput } from './runtime-plan.ts';

const PASSWD_ENTRY = '$USERNAME:*:$UID:$GID:$NAME:$HOME:/bin/sh';
const GROUP_ENTRY = '$GROUPNAME:x:$GID:$USERLIST';

interface User {
  readonly name: string;
  readonly comment: string;
  readonly uid: number;
  readonly gid: number;
}

interface Group {
  readonly name: string;
  readonly gid: number;
  /** Its only member. */
  readonly member: string;
}

/**
 * The ops that add the user of keep-id, or one that is a number; the native side leaves out whom the image knows.
 *
 * @see man 5 passwd
 */
export function accountOps({ config, facts }: Given): Op[] {
  const { process, accounts } = config;
  const known = (accounts?.hostEntries ?? []).map((line): Op => ['passwd', line]);
  if (accounts?.isAdded === false) return known;
  const user = findUser({ config, facts });
  const group = findGroup({ config, facts });
  const home = process.workdir.replaceAll(/[:\n]/g, '_');
  const passwdWords = user && { USERNAME: user.name, UID: user.uid, GID: user.gid, NAME: user.comment, HOME: home };
  const groupWords = group && { GROUPNAME: group.name, GID: group.gid, USERLIST: group.member };
  return [
    ...known,
    ...(passwdWords ? [['passwd', expandEntry(accounts?.passwdEntry ?? PASSWD_ENTRY, passwdWords)] as const] : []),
    ...(groupWords ? [['group', expandEntry(accounts?.groupEntry ?? GROUP_ENTRY, groupWords)] as const] : []),
  ];
}

type Given = Pick<PlanInput, 'config' | 'facts'>;

function findUser({ config: { process, userns }, facts }: Given): User | undefined {
  if (userns.kind === 'keep-id') {
    const ids = { uid: userns.uid ?? facts.uid, gid: userns.gid ?? facts.gid };
    return { name: facts.userName, comment: facts.userName, ...ids };
  }
  const [, text, gid] = /^(\d+)(?::(\d*))?$/.exec(process.user) ?? [];
  const uid = Number(text ?? 0);
  return uid === 0 ? undefined : { name: String(uid), comment: 'container user', uid, gid: Number(gid ?? 0) };
}

/** Of a user without a group it is the group of that number, as Podman has it, though the process is in group 0. */
function findGroup({ config: { process, userns }, facts }: Given): Group | undefined {
  if (userns.kind === 'keep-id') return { name: facts.userName, gid: userns.gid ?? facts.gid, member: '' };
  const [member = '', text = member] = process.user.split(':', 2);
  const gid = /^\d+$/.test(text) ? Number(text) : 0;
  return gid === 0 ? undefined : { name: String(gid), gid, member };
}
