/** What somebody else wrote, which may be no JSON at all: undefined then. What it must be is for a schema to say. */
export function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
