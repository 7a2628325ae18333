/** Who may import whom: folder -> the libs it may import. docs/architecture.md says why. A folder not listed may import none. */
const MAY_IMPORT = {
  'libs/protocol': [],
  'libs/credential': [],
  'libs/learning': [],
  'libs/transparency': [],
  'libs/process': [],
  'libs/queue': [],
  'libs/crash-point': [],
  'libs/engine': ['credential', 'process'],
  'libs/edge': ['protocol', 'process'],
  'libs/tensorflow': ['learning'],
  'libs/storage': ['protocol', 'learning', 'transparency', 'process', 'crash-point'],
  'libs/client': ['protocol', 'credential', 'learning', 'transparency'],
  'apps/issuer': ['protocol', 'credential', 'engine', 'edge', 'process', 'crash-point', 'storage/src/(identity|keys|database)'],
  'apps/intake': [
    'protocol',
    'credential',
    'engine',
    'learning',
    'edge',
    'process',
    'crash-point',
    'storage/src/(intake|keys|bodies|database)',
  ],
  'apps/coordinator': [
    'protocol',
    'learning',
    'transparency',
    'edge',
    'process',
    'crash-point',
    'storage/src/(rounds|log|keys|access|bodies|database)',
  ],
  'apps/worker': [
    'protocol',
    'learning',
    'tensorflow',
    'transparency',
    'queue',
    'edge',
    'process',
    'crash-point',
    'storage/src/(rounds|intake-closed|bodies|database)',
  ],
  'apps/dashboard': ['protocol'],
  'apps/fleet': ['client', 'protocol', 'credential', 'learning', 'tensorflow', 'process'],
  'apps/cli': ['client', 'protocol', 'process', 'storage/src/(embedded|migrate|backup|bodies|keys|database)'],
};

const TESTS = '[.]test[.]ts$|/testing/|[.]test-server[.]ts$';
const PURE = '^libs/(protocol|credential|learning|transparency)/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(MAY_IMPORT).map(([folder, libs]) => ({
      name: folder.replace('/', '-'),
      comment: `${folder} may import only these libs of ours: ${libs.join(', ') || 'none'}.`,
      severity: 'error',
      from: { path: `^${folder}/`, pathNot: TESTS },
      to: { path: '^(apps|libs)/', pathNot: [`^${folder}/`, `^libs/(${libs.join('|') || '-'})/`] },
    })),
    {
      name: 'unlisted-folder',
      comment: 'Add the folder to MAY_IMPORT.',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/', pathNot: `^(${Object.keys(MAY_IMPORT).join('|')})/` },
      to: { path: '^(apps|libs)/', pathNot: '^$1/$2/' },
    },
    {
      name: 'front-door',
      comment: "A lib's files are its own: import its index.",
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: {
        path: '^libs/([^/]+)/src/',
        pathNot: ['^$1/$2/', '^libs/[^/]+/src/index[.]ts$', '^libs/[^/]+/src/[^/]+/index[.]ts$'],
      },
    },
    {
      name: 'pure-libs',
      comment: 'Credentials, learning and wire formats are plain functions: pass bytes, a clock, a random source in.',
      severity: 'error',
      from: { path: PURE, pathNot: TESTS },
      to: { pathNot: '^libs/|node_modules/(zod|@noble)/' },
    },
    {
      name: 'nest-at-the-edge',
      comment: 'Nest lives in apps/ and libs/edge. Wire classes by factory in a module instead.',
      severity: 'error',
      from: { path: '^libs/', pathNot: `^libs/edge/|${TESTS}` },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'no-credential-in-worker',
      comment: 'The worker holds no keys and knows no tokens, not even through another lib.',
      severity: 'error',
      from: { path: '^apps/worker/' },
      to: { path: '^libs/(credential|storage/src/(keys|identity|intake))/', reachable: true },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(@tensorflow/tfjs-node)$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|data|coverage)/' },
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'node', 'default'], exportsFields: ['exports'] },
  },
};
