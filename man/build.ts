/** `node man/build.ts`: the pages below man/ with their options, as roff in dist/man/man1. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { completeMainPage, completePage, pageName, readCommands, readPage } from './pages.ts';
import { toRoff } from './roff.ts';

const output = join(import.meta.dirname, '../dist/man/man1');
// A build of the same sources gives the same pages: https://reproducible-builds.org/specs/source-date-epoch/
const now = process.env['SOURCE_DATE_EPOCH'] ? new Date(Number(process.env['SOURCE_DATE_EPOCH']) * 1000) : new Date();
const date = now.toISOString().slice(0, 10);

const commands = await readCommands();
await mkdir(output, { recursive: true });
const main = await readPage('tspod');
if (main !== undefined) await writePage('tspod', toRoff(completeMainPage(main, commands), date));
for (const { name, command } of commands) {
  const page = await readPage(pageName(name));
  if (page === undefined) {
    console.warn(`man/${pageName(name)}.1.md is missing`);
    continue;
  }
  await writePage(pageName(name), toRoff(completePage(page, command.flags), date));
  for (const alias of command.aliases) {
    await writePage(pageName(alias.replaceAll(':', ' ')), `.so man1/${pageName(name)}.1\n`);
  }
}

async function writePage(name: string, text: string): Promise<void> {
  await writeFile(join(output, `${name}.1`), text);
}
