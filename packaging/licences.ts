/** The licences of the packages whose code is in dist/: most of them ask to be handed on with it. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Write what each package says of its licence, one after the other.
 *
 * @param folders of the packages: `node_modules/execa`
 */
export async function writeLicences(output: string, folders: readonly string[]): Promise<void> {
  const texts = await Promise.all([...new Set(folders)].sort().map(readLicence));
  await writeFile(output, `tspod contains code of these packages.\n\n${[...new Set(texts)].join('\n')}`);
}

async function readLicence(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly [key in 'name' | 'version' | 'license']: string;
  };
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : `\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`;
  return `${'-'.repeat(72)}\n${name} ${version}, ${license}\n${text}`;
}
