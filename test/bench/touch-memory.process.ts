/** (Its own process) Writes to so many bytes of memory, page by page, and gives them back by ending. Prints its CPU seconds. */
const PAGE_BYTES = 4096;
const PIECE_BYTES = 2 ** 26;

const bytes = Number(process.argv[2]);
const before = process.cpuUsage();
const pieces: Uint8Array[] = [];
for (let left = bytes; left > 0; left -= PIECE_BYTES) {
  const piece = Buffer.allocUnsafeSlow(Math.min(left, PIECE_BYTES));
  for (let at = 0; at < piece.length; at += PAGE_BYTES) piece[at] = 1;
  pieces.push(piece);
}
const { user, system } = process.cpuUsage(before);
process.stdout.write(String((user + system) / 1e6));
