/** Plain data as YAML, as `podman info` prints it. */
export function formatYaml(value: unknown, indent = ''): string {
  if (Array.isArray(value)) {
    return value.map((item) => `${indent}- ${member(item, `${indent}  `).trimStart()}`).join('');
  }
  const entries = Object.entries(value as Record<string, unknown>).filter(([, item]) => item !== undefined);
  return entries.map(([key, item]) => `${indent}${key}:${member(item, `${indent}  `)}`).join('');
}

function member(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return ` ${scalar(value)}\n`;
  if (Object.keys(value).length === 0) return Array.isArray(value) ? ' []\n' : ' {}\n';
  return `\n${formatYaml(value, indent)}`;
}

/** Text that YAML would read as something else stands in quotes. */
function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value ?? null);
  const isPlain = /^[\w/][\w ./+(),-]*$/.test(value) && value.trim() === value && !OTHER.test(value);
  return isPlain ? value : JSON.stringify(value);
}

/** Truth values and numbers, dates among them, as YAML 1.1 has them: https://yaml.org/type/. */
const OTHER = /^(?:true|false|yes|no|on|off|null|y|n|[\d_,]*[.]?[\d_,]*(?:e[-+]?\d+)?|0[box][\da-f_]+|\d{4}-\d.*)$/i;
