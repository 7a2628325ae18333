import type { Block, DocPage } from './blocks.js';

/** Where a run of pages keeps what it does, beside the reader's folder. */
export interface ScriptPlan {
  /** for what each block prints and how it ended: `0.out`, `0.status` */
  readonly records: string;
  readonly seconds: number;
}

/** Blocks of pages that are read one after the other, numbered through. */
export const numbered = (pages: readonly DocPage[]): { readonly page: string; readonly block: Block }[] =>
  pages.flatMap(({ path, blocks }) => blocks.map((block) => ({ page: path, block })));

/**
 * One Bash script of pages, as a reader would type them: variables and jobs live on from block to block. It stops at the
 * first block that does not end as it should.
 */
export function scriptOf(pages: readonly DocPage[], plan: ScriptPlan): string {
  return [HEAD(plan), ...numbered(pages).map(({ block }, i) => commands(block, i, plan))].join('\n');
}

const HEAD = ({ records, seconds }: ScriptPlan): string => `
set -e -o pipefail
records='${records}'
stop() {
  for pid in $(cat "$records"/*.pid 2> /dev/null); do kill -TERM -- "-$pid" 2> /dev/null || true; done
  for pid in $(cat "$records"/*.pid 2> /dev/null); do
    for _ in $(seq 100); do kill -0 -- "-$pid" 2> /dev/null || break; sleep 0.2; done
  done
}
trap stop EXIT
# Ports may be taken: then devices have to be told where this Starling listens.
addresses() {
  [ -z "$STARLING_ISSUER" ] && [ -f data/running.json ] || return 0
  eval "$(node -p 'const r = require("./data/running.json"); ["issuer", "intake", "coordinator"].map((n) => "export STARLING_" + n.toUpperCase() + "=" + r[n]).join("\\n")')"
}
awaits() {
  for _ in $(seq $((5 * ${seconds}))); do
    grep -qE "$3" "$1" && return 0
    kill -0 -- "-$2" 2> /dev/null || return 1
    sleep 0.2
  done
  return 1
}
`;

function commands(block: Block, i: number, { records }: ScriptPlan): string {
  const out = `"$records/${i}.out"`;
  const done = `echo "$? $SECONDS" > "$records/${i}.status"`;
  switch (block.kind) {
    case 'file':
      return `mkdir -p "$(dirname '${block.name}')"\ncp '${records}/${i}.file' '${block.name}'\n${done}`;
    case 'run':
      return block.fails === 0
        ? `{\n${block.code}} > ${out} 2>&1 < /dev/null\n${done}`
        : `status=0\n( set -e\n${block.code}) > ${out} 2>&1 < /dev/null || status=$?\n[ "$status" = ${block.fails} ]\n${done}`;
    case 'background':
      return `set -m\n(\n${block.code}) > ${out} 2>&1 < /dev/null &\necho $! > "$records/${i}.pid"\ndisown\nset +m
${block.until === undefined ? '' : `awaits ${out} "$(cat "$records/${i}.pid")" '${block.until}'\n`}addresses\n${done}`;
    case 'skip':
    case 'output':
      return done;
  }
}
