import type { BrowserContext, Page } from 'playwright-core';

/** Something that a page sent, as the browser's own network layer tells it. */
export interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** of a request, or of one WebSocket frame */
  readonly body: Buffer;
}

export interface WatchedPage {
  readonly page: Page;
  /** what the page complained about, above all what its policy kept from it */
  readonly complaints: readonly string[];
  readonly sent: readonly Sent[];
}

interface RequestSeen {
  readonly request: { readonly url: string; readonly headers: Record<string, string>; readonly postData?: string };
}
interface HandshakeSeen {
  readonly requestId: string;
  readonly request: { readonly headers: Record<string, string> };
}
interface FrameSeen {
  readonly requestId: string;
  readonly response: { readonly opcode: number; readonly payloadData: string };
}

/** A page of which every request, handshake and frame is noted. */
export async function watchedPage(context: BrowserContext): Promise<WatchedPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  const sent: Sent[] = [];
  const sockets = new Map<string, string>();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  const network = await context.newCDPSession(page);
  network.on('Network.requestWillBeSent', ({ request }: RequestSeen) => {
    sent.push({ url: request.url, headers: lower(request.headers), body: Buffer.from(request.postData ?? '') });
  });
  network.on('Network.webSocketCreated', ({ requestId, url }: { requestId: string; url: string }) => {
    sockets.set(requestId, url);
  });
  network.on('Network.webSocketWillSendHandshakeRequest', ({ requestId, request }: HandshakeSeen) => {
    sent.push({ url: sockets.get(requestId)!, headers: lower(request.headers), body: Buffer.alloc(0) });
  });
  network.on('Network.webSocketFrameSent', ({ requestId, response }: FrameSeen) => {
    const body = Buffer.from(response.payloadData, response.opcode === 2 ? 'base64' : 'utf8');
    sent.push({ url: sockets.get(requestId)!, headers: {}, body });
  });
  await network.send('Network.enable');
  return { page, complaints, sent };
}

const lower = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
