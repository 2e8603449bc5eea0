/** The layer rule of the house: who may import whom. */
const LAYERS = {
  commands: ['src/cli', 'src/engine', 'src/quadlet', 'src/model'],
  'src/cli': ['src/model'],
  'src/quadlet': ['src/model'],
  'src/engine': ['src/plan', 'src/store', 'src/registry', 'src/host', 'src/model'],
  'src/store': ['src/host', 'src/model'],
  'src/registry': ['src/host', 'src/model'],
  'src/host': ['src/plan', 'src/model'],
  'src/plan': ['src/model'],
  'src/model': [],
};

const layerRules = Object.entries(LAYERS).map(([from, to]) => ({
  name: `layers: ${from}`,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: '^(src|commands)/', pathNot: [from, ...to, 'src/errors[.]ts$'].map((folder) => `^${folder}`) },
}));

/** A folder that is not in the table would be free to import anything. */
const strangers = {
  name: 'layers: a folder without a place',
  severity: 'error',
  from: { path: '^src/[^/]+/', pathNot: Object.keys(LAYERS).map((folder) => `^${folder}/`) },
  to: {},
};

/** A package, or a built-in module, stays where the house keeps it. */
const homes = [
  {
    name: 'pure: model and plan',
    from: '^src/(model|plan)/',
    to: { dependencyTypesNot: ['local'], pathNot: '^(node:)?path/posix$' },
  },
  { name: 'koffi only in host/ffi', fromNot: '^src/host/ffi/', to: { path: 'node_modules/koffi' } },
  { name: 'execa only in host', fromNot: '^src/host/', to: { path: 'node_modules/execa' } },
  {
    name: 'terminal packages only in the front end',
    fromNot: '^(commands|src/cli|src/main[.]ts|man|packaging|test)(/|$)',
    to: { path: 'node_modules/(listr2|conf|@oclif/core)/' },
  },
].map(({ name, from, fromNot, to }) => ({
  name,
  severity: 'error',
  from: { path: from ?? '^(src|commands)/', ...(fromNot ? { pathNot: fromNot } : {}) },
  to,
}));

module.exports = {
  forbidden: [
    ...layerRules,
    strangers,
    ...homes,
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
