/**
 * `node packaging/man-pages.ts list|unlist`: name the man pages in package.json while `npm pack` reads it.
 *
 * npm links those of a global install into PREFIX/share/man only when they are named one by one; which they are, only a
 * build knows.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';

const PACKAGE = 'package.json'; // npm runs its scripts where this is.
const PAGES = 'dist/man/man1';

const described = JSON.parse(await readFile(PACKAGE, 'utf8')) as Record<string, unknown>;
const pages = process.argv[2] === 'list' ? (await readdir(PAGES)).sort() : [];
const man = pages.length === 0 ? undefined : pages.map((page) => `${PAGES}/${page}`);
await writeFile(PACKAGE, `${JSON.stringify({ ...described, man }, null, 2)}\n`);
